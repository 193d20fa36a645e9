"""How a stored size changes the containers of a pod: one pure rule that both programs use.

The webhook turns the result into a patch; the scaler compares it with a running pod to see whether
that pod has its stored size. A container's resource is replaced only where both its request and its
limit still equal the basis, so an edit of the manifest takes effect.

| container and resource                 | gets                                           |
| -------------------------------------- | ---------------------------------------------- |
| not named by the size                  | what it came with                              |
| came with values other than the basis  | what it came with                              |
| size has request and limit             | those                                          |
| limit in the basis, none in the size   | the size's request, no limit                   |
| size has only a limit                  | that limit; the request it came with, at most  |
|                                        | the limit (if it has none: the limit)          |
| size has a request above its limit     | what it came with: the scaler never writes     |
|                                        | this, and a PodSize edited by hand must not    |
|                                        | break a pod                                    |
"""

from functools import lru_cache

from store.amounts import RESOURCES
from store.model import Pair, Resources, Size, Sizes, StoredSize


def inject(size: StoredSize | None, incoming: Sizes) -> dict[str, Size]:
    """The sizes that the pod's containers should have, by container name, all of `incoming`."""
    stored = {c.name: c for c in size.containers} if size else {}
    return {
        name: _one(stored[name].size, stored[name].basis, came) if name in stored else came
        for name, came in incoming.items()
    }


def governed(size: Size, resource: str) -> bool:
    """Whether the size names the resource at all."""
    return size.pair(resource) != (None, None)


def mismatched(size: StoredSize, incoming: Sizes) -> list[tuple[str, str]]:
    """The (container, resource) pairs that the size names and whose values are not the basis."""
    return [
        (c.name, resource)
        for c in size.containers
        for resource in RESOURCES
        if c.name in incoming
        and governed(c.size, resource)
        and incoming[c.name].pair(resource) != c.basis.pair(resource)
    ]


@lru_cache(maxsize=4096)  # a workload's pods come with equal values, and this runs each cycle
def _one(size: Size, basis: Size, came: Size) -> Size:
    pairs = {r: _resource(size, basis, came, r) for r in RESOURCES}
    return Size(
        requests=Resources(**{r: p[0] for r, p in pairs.items()}),
        limits=Resources(**{r: p[1] for r, p in pairs.items()}),
    )


def _resource(size: Size, basis: Size, came: Size, r: str) -> Pair:
    pair = came.pair(r)
    if not governed(size, r) or pair != basis.pair(r):
        return pair
    request, limit = size.pair(r)
    if request is None and limit is not None:
        request = limit if pair[0] is None else min(pair[0], limit)
    if request is not None and limit is not None and request > limit:
        return pair
    return request, limit
