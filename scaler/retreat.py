"""Does the stored size still work, and to which one does the store go back? Pure.

A pod may be made at any time by anybody, so each cycle asks of the size in the store whether a pod
that is lost now would come back with it. Asked is only where the size differs from the manifest's.

| what is seen                                              | the size is to blame if            |
| --------------------------------------------------------- | ---------------------------------- |
| the API server would refuse a new pod                     | it would let in the smaller one    |
| a pod's node would not take it again, and no other has    | some node has room for the other   |
| room                                                      |                                    |
| a pod is unplaced (see need.py)                           | the same; where that cannot be     |
|                                                           | foreseen: it asks for less of what |
|                                                           | the scheduler did not find         |
| a pod crash-loops or does not get Ready (see need.py)     | the other one gives it other       |
|                                                           | values, is let in, and has room    |
| owners are told that their pods may not be (`ReplicaFail- | the words name a resource of which |
| ure`), for reasons that we do not know                    | the other one has other values,    |
|                                                           | and the template is the size's own |

| the store goes back to             | if it                                                     |
| ---------------------------------- | --------------------------------------------------------- |
| `lastGood`, as far as its basis is | differs, is within all maxima, and helps                  |
| still what pods come with          |                                                           |
| the manifest's values              | helps, where `lastGood` does not                          |
| nothing                            | neither helps: the size is not to blame                   |
| the manifest's values, said anew   | nothing is stored any more, and a pod in need still has   |
|                                    | a size of ours                                            |
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kube import objects
from scaler import basis, clock, rollout, sizing, step
from scaler.need import Need
from scaler.once import once
from scaler.places import Obstacle, Places
from scaler.pods import came_with, is_current, sizes_of, staying
from scaler.view import View
from store.injection import inject, mismatched
from store.model import Apply, ContainerSize, Size, StoredSize

_RULES = re.compile(
    r"usage per (Container|Pod) is|limit to request ratio per|(exceeded|failed) quota"
    r"|must be less than or equal to \w+ limit"
)
"""The words of the rules that we read ourselves: LimitRanges, quotas, request within limit."""

Sizes = Mapping[str, Size]
Time = Callable[[], float]
Refuses = Callable[[objects.Pod, Sizes], str | None]
"""Why the API server would not let in a pod like this one with these sizes."""


@dataclass(frozen=True)
class Ground:
    """What a new pod would meet. `allowed`: whether sizes are within all maxima."""

    refuses: Sequence[Refuses]
    obstacle: Obstacle
    places: Places = Places()  # noqa: RUF009 (frozen)
    allowed: Callable[[Sizes], bool] = lambda sizes: True

    def refusal(self, pod: objects.Pod, sizes: Sizes) -> str | None:
        """The first of the refusals."""
        return next((told for ask in self.refuses if (told := ask(pod, sizes))), None)


@dataclass(frozen=True, slots=True)
class Retreat:
    """The size to go back to, why, and what new pods get now and then."""

    size: StoredSize
    words: str
    before: Sizes
    after: Sizes


@dataclass(frozen=True, slots=True)
class _Trouble:
    pod: objects.Pod
    came: Sizes
    words: str
    need: Need | None = None
    named: tuple[str, ...] = ()
    """Resources that a refusal which we do not understand names."""


def due(view: View, needs: Sequence[Need], ground: Ground, before: Time) -> Retreat | None:
    """The tables above. `before`: owners that are refused since then or later do not count yet."""
    size = view.size
    if view.owner is None:
        return None
    if size is None:
        return _forgotten(view, needs, ground)
    if not size.containers:
        return None
    for trouble in _troubles(view, size, needs, ground, before):
        for containers in _targets(view, size, trouble.came):
            made = StoredSize(
                sizing.next_revision(view), Apply.NEW, containers, size.template, size.stamped
            )
            now, then = inject(size, trouble.came), inject(made, trouble.came)
            allowed = not containers or ground.allowed(then)
            if allowed and _mends(trouble, now, then, ground):
                return Retreat(made, trouble.words, now, then)
    return None


def _forgotten(view: View, needs: Sequence[Need], ground: Ground) -> Retreat | None:
    """Nothing is stored any more, and a pod cannot live with what it still has from us."""
    made = StoredSize(sizing.next_revision(view), Apply.NEW, (), basis.fingerprint(view.template))
    found = next((n for n in needs if helps(n, made, ground)), None)
    if found is None:
        return None
    return Retreat(made, found.words, sizes_of(found.pod), came_with(found.pod))


def helps(need: Need, size: StoredSize, ground: Ground) -> bool:
    """Whether the pod in need would be better off with what the store says now."""
    had, came = sizes_of(need.pod), came_with(need.pod)
    trouble = _Trouble(need.pod, came, need.words, need)
    return _mends(trouble, had, inject(size, came), ground)


def _troubles(
    view: View, size: StoredSize, needs: Sequence[Need], ground: Ground, before: Time
) -> Iterator[_Trouble]:
    for pod, came in _newcomers(view, size) if ground.refuses else ():
        sizes = inject(size, came)
        if sizes != came and (told := ground.refusal(pod, sizes)):
            yield _Trouble(pod, came, told)
    for need in needs:
        if need.lacking or is_current(need.pod, size):
            yield _Trouble(need.pod, came_with(need.pod), need.words, need)
    for pod, came, then in _placed(view):
        if told := ground.places.lost(pod, then):
            yield _Trouble(pod, came, told)
    yield from _unmade(view, size, before)


@once
def _placed(view: View) -> list[tuple[objects.Pod, Sizes, Sizes]]:
    """Pods that have a node, what they came with, and what they would come back with."""
    found = [(p, came := came_with(p), inject(view.size, came)) for p in _newest(view)]
    return [(p, came, sizes) for p, came, sizes in found if p.spec.node_name and sizes != came]


@once
def _newest(view: View) -> list[objects.Pod]:
    return staying(rollout.newest(view))


def _mends(trouble: _Trouble, before: Sizes, after: Sizes, ground: Ground) -> bool:
    """Whether the pod could live with `after`, and could not with `before`."""
    pod, need = trouble.pod, trouble.need
    if before == after or ground.refusal(pod, after):
        return False
    if trouble.named:
        return _differ(before, after, trouble.named)
    if need is None or not need.lacking:
        return ground.places.lost(pod, after) is None
    if ground.places.unforeseen(pod):
        return sizes_of(pod) == before and _less(before, after, need.lacking)
    return ground.obstacle([pod], before) is not None and ground.obstacle([pod], after) is None


def _targets(view: View, size: StoredSize, came: Sizes) -> Iterator[tuple[ContainerSize, ...]]:
    last = view.podsize.status.last_good if view.podsize else None
    if last is not None and last.revision != size.revision:
        kept = tuple(_still(last, came))
        if kept and [(c.name, c.size) for c in kept] != [(c.name, c.size) for c in size.containers]:
            yield kept
    yield ()


def _still(last: StoredSize, came: Sizes) -> Iterator[ContainerSize]:
    """What of an older size still belongs to what pods come with."""
    pairs = mismatched(last, came)
    for c in last.containers:
        kept = basis.without(c, pairs, came)
        if c.name in came and kept.size != Size():
            yield kept


def _newcomers(view: View, size: StoredSize) -> Iterator[tuple[objects.Pod, Sizes]]:
    """The different pods that could be made now: like those that are there, else as expected."""
    seen: list[Sizes] = []
    for pod in _newest(view):
        came = came_with(pod)
        if came not in seen:
            seen.append(came)
            yield pod, came
    if not seen:
        yield basis.expected(view, size)


def _unmade(view: View, size: StoredSize, before: Time) -> Iterator[_Trouble]:
    """Owners say why they cannot make the pods that are missing.

    A Deployment only repeats what its ReplicaSets say. Pods of an edited template come with other
    values than the size is for: they would be refused without it, too. Of LimitRanges and quotas
    the rules themselves are asked: the words stay until the owner tries again.
    """
    if len(staying(view.pods)) >= view.wanted or view.owner is None:
        return
    for owner in view.replica_sets or (view.owner,):
        for c in owner.status.conditions or ():
            since = clock.seconds(c.last_transition_time)
            old = since is not None and since < before()
            if (c.type, c.status) == ("ReplicaFailure", "True") and old:
                pod, came = next(_newcomers(view, size))
                words = c.message or c.reason
                known = _RULES.search(words) or basis.asks_otherwise(owner.spec.template.spec, came)
                if not known:
                    yield _Trouble(pod, came, words, None, _named(words))


def _named(words: str) -> tuple[str, ...]:
    return tuple(r for r in step.RESOURCES if r in words) or ("",)


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
    base = step.base_of(size, resource)
    return base.request if base else 0


def _differ(before: Sizes, after: Sizes, resources: Iterable[str]) -> bool:
    return any(
        not step.same(before[name], after[name], r) for name in before for r in resources if r
    )
