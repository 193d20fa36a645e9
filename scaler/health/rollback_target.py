"""To which size does the store go back, where the stored one is to blame (see diagnosis.py)? Pure.

| the store goes back to             | if it                                                     |
| ---------------------------------- | --------------------------------------------------------- |
| `lastGood`, as far as its basis is | differs, is within all maxima, and helps                  |
| still what pods come with          |                                                           |
| the manifest's values              | helps, where `lastGood` does not                          |
| nothing                            | neither helps: the size is not to blame                   |
| the manifest's values, said anew   | nothing is stored any more, and a pod in need still has   |
|                                    | a size of ours                                            |
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scaler.cluster import manifest
from scaler.cluster.view import View
from scaler.health import diagnosis
from scaler.health.diagnosis import Feasibility, Time, Trouble
from scaler.health.unhealthy_pods import Need
from store import amounts
from store.injection import inject, mismatched
from store.model import Apply, ContainerSize, Size, Sizes, StoredSize


@dataclass(frozen=True, slots=True)
class Retreat:
    """The size to go back to, why, and what new pods get now and then."""

    size: StoredSize
    words: str
    before: Sizes
    after: Sizes


def due(view: View, needs: Sequence[Need], ground: Feasibility, before: Time) -> Retreat | None:
    """The table above. `before`: see `doubt.troubles`."""
    size = view.size
    if view.owner is None:
        return None
    if size is None:
        return _forgotten(view, needs, ground)
    if not size.containers:
        return None
    for trouble in diagnosis.troubles(view, size, needs, ground, before):
        for containers in _targets(view, size, trouble.came):
            made = StoredSize(
                view.next_revision, Apply.NEW, containers, size.template, size.stamped
            )
            now, then = inject(size, trouble.came), inject(made, trouble.came)
            allowed = not containers or ground.allowed(then)
            if allowed and _mends(trouble, now, then, ground):
                return Retreat(made, trouble.words, now, then)
    return None


def _forgotten(view: View, needs: Sequence[Need], ground: Feasibility) -> Retreat | None:
    """Nothing is stored any more, and a pod cannot live with what it still has from us."""
    made = StoredSize(view.next_revision, Apply.NEW, (), manifest.fingerprint(view.template))
    found = next((n for n in needs if helps(n, made, ground)), None)
    if found is None:
        return None
    return Retreat(made, found.words, found.pod.actual, found.pod.original)


def helps(need: Need, size: StoredSize, ground: Feasibility) -> bool:
    """Whether the pod in need would be better off with what the store says now."""
    came = need.pod.original
    trouble = Trouble(need.pod.pod, came, need.words, need)
    return _mends(trouble, need.pod.actual, inject(size, came), ground)


def _mends(trouble: Trouble, before: Sizes, after: Sizes, ground: Feasibility) -> bool:
    """Whether the pod could live with `after`, and could not with `before`."""
    pod, need = trouble.pod, trouble.need
    if before == after or ground.refusal(pod, after):
        return False
    if trouble.named:
        return _differ(before, after, trouble.named)
    if need is None or not need.lacking:
        return ground.places.lost(pod, after) is None
    if ground.places.unforeseen(pod):
        return need.pod.actual == before and _less(before, after, need.lacking)
    return ground.obstacle([pod], before) is not None and ground.obstacle([pod], after) is None


def _targets(view: View, size: StoredSize, came: Sizes) -> Iterator[tuple[ContainerSize, ...]]:
    last = view.status.last_good
    if last is not None and last.revision != size.revision:
        kept = tuple(_still(last, came))
        if kept and [(c.name, c.size) for c in kept] != [(c.name, c.size) for c in size.containers]:
            yield kept
    yield ()


def _still(last: StoredSize, came: Sizes) -> Iterator[ContainerSize]:
    """What of an older size still belongs to what pods come with."""
    pairs = mismatched(last, came)
    for c in last.containers:
        kept = manifest.without(c, pairs, came)
        if c.name in came and kept.size != Size():
            yield kept


def _less(before: Sizes, after: Sizes, resources: Iterable[str]) -> bool:
    """Whether `after` requests less of one of these, and more of none."""
    pairs = [
        (_request(before[name], r), _request(after[name], r))
        for name in before
        for r in resources
        if r
    ]
    return all(b <= a for a, b in pairs) and any(b < a for a, b in pairs)


def _request(size: Size, resource: str) -> int:
    base = amounts.base_of(size, resource)
    return base.request if base else 0


def _differ(before: Sizes, after: Sizes, resources: Iterable[str]) -> bool:
    return any(
        not amounts.same(before[name], after[name], r) for name in before for r in resources if r
    )
