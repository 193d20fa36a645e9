"""The requests and limits that a pod has, and those that it came with. Pure.

| the webhook's stamp                      | what the pod came with                           |
| ---------------------------------------- | ------------------------------------------------ |
| absent, or unreadable                    | its present values                               |
| names all containers                     | the stamp                                        |
| names some: others were injected later   | the stamp for those, present values for others   |
"""

from functools import lru_cache

from kube import objects
from kube.memo import once
from kube.quantity import Quantity
from store import amounts
from store.model import Resources, Size, Sizes
from store.stamp import stamped_basis


@once
def sizes_of(pod: objects.Pod) -> Sizes:
    """Present size of each container, init containers included.

    Raises ValueError on an unreadable quantity.
    """
    spec = pod.spec
    return {c.name: size_of(c.resources) for c in [*spec.containers, *(spec.init_containers or ())]}


def size_of(resources: objects.Requirements) -> Size:
    """CPU and memory of a container's resources. Raises ValueError on an unreadable quantity."""
    return Size(_amounts(resources.requests), _amounts(resources.limits))


def came_with(pod: objects.Pod) -> Sizes:
    """Size of each container before the webhook changed it, by the table above."""
    had, stamped = sizes_of(pod), stamped_basis(pod)
    if not stamped:
        return had
    return {name: stamped.get(name, size) for name, size in had.items()}


def _amounts(raw: objects.Quantities | None) -> Resources:
    return _read(*map(raw.get, amounts.RESOURCES)) if raw else _NOTHING


_NOTHING = Resources()


@lru_cache(maxsize=4096, typed=True)
def _read(*given: Quantity | None) -> Resources:
    # A cluster's pods share few different amounts, and each cycle reads them several times.
    named = zip(amounts.RESOURCES, given, strict=True)
    return amounts.read({resource: one for resource, one in named if one is not None})
