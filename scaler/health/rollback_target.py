"""Which size to roll back to if the stored one is to blame (see diagnosis.py). Pure.

| rolled back to                      | if                                                       |
| ----------------------------------- | -------------------------------------------------------- |
| `lastGood`, where its basis is      | it differs, is within all maxima, and helps              |
| still what pods come with           |                                                          |
| the manifest's values               | they help, and `lastGood` does not                       |
| the manifest's values               | pods cannot be created, or are refused by their kubelet, |
|                                     | for reasons that we do not know                          |
| nothing                             | neither helps: the size is not to blame                  |
| nothing                             | the pod is down for want of memory, and would get less,  |
|                                     | or as much where its policy gives it more                |
| the manifest's values, as a new     | no size is stored any more, and an unhealthy pod still   |
| revision                            | has an earlier one                                       |
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from kube import objects
from scaler.cluster import manifest
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.health import diagnosis
from scaler.health.diagnosis import Feasibility, Symptom
from scaler.health.unhealthy_pods import UnhealthyPod
from store import amounts
from store.injection import inject, mismatched
from store.model import Apply, ClassSize, ContainerSize, Size, Sizes, StoredSize


class RollbackTarget(Struct, frozen=True):
    """The size to roll back to, and why.

    `message`: what the cluster reports about the pod. `before`, `after`: what a new pod gets with
    the stored size and with this one.
    """

    size: StoredSize
    message: str
    before: Sizes
    after: Sizes
    node_class: str | None = None
    """The kind of node whose size it is; None: the default."""


def due(
    view: View, unhealthy: Sequence[UnhealthyPod], ground: Feasibility
) -> RollbackTarget | None:
    """The rollback target by the table above."""
    size = view.size
    if view.owner is None:
        return None
    if size is None:
        return _forgotten(view, unhealthy, ground) if unhealthy else None
    if not any((size.containers, *(c.containers for c in size.classes))):
        return None
    for symptom in diagnosis.symptoms(view, size, unhealthy, ground):
        kind = _blamed(view, size, symptom)
        for containers in _targets(view, size, symptom):
            made = _made(view, size, kind, containers)
            now, then = _both(size, made, kind, symptom.came)
            allowed = not containers or ground.allowed(then)
            if allowed and _mends(symptom, now, then, ground):
                return RollbackTarget(made, symptom.message, now, then, kind)
    return None


def _blamed(view: View, size: StoredSize, symptom: Symptom) -> str | None:
    """The kind of node whose size it is about; None: the default."""
    return None if symptom.by_default else _listed(view, size, symptom.pod)


def _listed(view: View, size: StoredSize, pod: objects.Pod) -> str | None:
    """The kind of node whose size the pod has; None: the default."""
    kind = view.class_of(pod)
    return kind if any(c.name == kind for c in size.classes) else None


def _made(
    view: View, size: StoredSize, kind: str | None, containers: tuple[ContainerSize, ...]
) -> StoredSize:
    """The stored size with these containers, of one kind of node or as the default."""
    classes = tuple(ClassSize(c.name, containers) if c.name == kind else c for c in size.classes)
    default = containers if kind is None else size.containers
    return StoredSize(view.next_revision, Apply.NEW, default, size.template, size.stamped, classes)


def _both(size: StoredSize, made: StoredSize, kind: str | None, came: Sizes) -> tuple[Sizes, Sizes]:
    """What a pod that comes like this gets now, and with the other size."""
    return inject(size.of_class(kind), came), inject(made.of_class(kind), came)


def back(view: View, state: PodState, message: str) -> RollbackTarget | None:
    """The target where a pod cannot have the stored size; None: there is no other."""
    size, came = view.size, state.original
    if size is None:
        return None
    kind = _listed(view, size, state.pod)
    symptom = Symptom(state.pod, came, message)
    for containers in _targets(view, size, symptom):
        made = _made(view, size, kind, containers)
        now, then = _both(size, made, kind, came)
        if now != then:
            return RollbackTarget(made, message, now, then, kind)
    return None


def _forgotten(
    view: View, unhealthy: Sequence[UnhealthyPod], ground: Feasibility
) -> RollbackTarget | None:
    """The target if no size is stored and a pod is unhealthy with an earlier one."""
    made = StoredSize(view.next_revision, Apply.NEW, (), manifest.fingerprint(view.template))
    found = next((n for n in unhealthy if helps(view, n, made, ground)), None)
    if found is None:
        return None
    return RollbackTarget(made, found.message, found.pod.actual, found.pod.original)


def helps(view: View, need: UnhealthyPod, size: StoredSize, ground: Feasibility) -> bool:
    """Whether a replacement of the unhealthy pod with the stored size could be healthy."""
    came, size = need.pod.original, size.of_class(view.class_of(need.pod.pod))
    symptom = Symptom(need.pod.pod, came, need.message, need)
    return _mends(symptom, need.pod.actual, inject(size, came), ground)


def _mends(symptom: Symptom, before: Sizes, after: Sizes, ground: Feasibility) -> bool:
    """Whether the pod cannot live with `before`, but could with `after`."""
    pod, need = symptom.pod, symptom.need
    if before == after:
        return False
    if need and not all(_enough(before, after, n, ground) for n in need.killed):
        return False
    if symptom.unmade:
        return True
    if ground.refusal(pod, after):
        return False
    if need is None or not need.lacking:
        return ground.places.unschedulable(pod, after) is None
    if ground.places.unmodelled(pod):
        return need.pod.actual == before and _less(before, after, need.lacking)
    return ground.obstacle([pod], before) is not None and ground.obstacle([pod], after) is None


def _targets(view: View, size: StoredSize, symptom: Symptom) -> Iterator[tuple[ContainerSize, ...]]:
    kind, last = _blamed(view, size, symptom), view.status.last_good
    size, last = size.of_class(kind), last.of_class(kind) if last else None
    if last is not None and last.revision != size.revision and not symptom.unmade:
        kept = tuple(_still(last, symptom.came))
        if kept and [(c.name, c.size) for c in kept] != [(c.name, c.size) for c in size.containers]:
            yield kept
    yield ()


def _still(last: StoredSize, came: Sizes) -> Iterator[ContainerSize]:
    """The part of an older size whose basis is still what pods come with."""
    pairs = mismatched(last, came)
    for c in last.containers:
        kept = manifest.without(c, pairs, came)
        if c.name in came and kept.size != Size():
            yield kept


def _less(before: Sizes, after: Sizes, resources: Iterable[str]) -> bool:
    """Whether `after` requests less of one of these resources, and more of none."""
    pairs = [
        (_request(before[name], r), _request(after[name], r))
        for name in before
        for r in resources
        if r
    ]
    return all(b <= a for a, b in pairs) and any(b < a for a, b in pairs)


def _enough(before: Sizes, after: Sizes, name: str, ground: Feasibility) -> bool:
    """Whether `after` is no worse for a container that was killed for want of memory."""
    had, gets = (amounts.base_of(s[name], "memory") if name in s else None for s in (before, after))
    if had is None or gets is None:
        return True
    return gets.value > had.value if ground.grows(name) else gets.value >= had.value


def _request(size: Size, resource: str) -> int:
    base = amounts.base_of(size, resource)
    return base.request if base else 0
