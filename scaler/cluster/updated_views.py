"""The views of a snapshot, from those of the one before: only what changed is put together. Pure.

| what is another object                          | the views that are put together again          |
| ----------------------------------------------- | ---------------------------------------------- |
| a pod                                           | of its controller's workload, before and after |
| a workload, a ReplicaSet of a Deployment        | its own, the Deployment's                      |
| a PodSize                                       | of the workload that it is for                 |
| a namespace, a LimitRange; what an autoscaler   | all                                            |
| asks for                                        |                                                |
| anything else: nodes, claims, quotas, Jobs      | none: no view holds them                       |

A workload that is enrolled, leaves, or was made again has all put together again: the order of the
views is that of the API server's lists.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, field

from kube import kinds, objects
from kube.memo import computed_once
from scaler.annotations.options import PolicyNames
from scaler.cluster.autoscalers import OthersByTarget, others_in
from scaler.cluster.snapshot import NOTHING, Index, Key, Snapshot, index
from scaler.cluster.view import View
from scaler.cluster.views import Views, reused, view_of, views
from scaler.usage.enrolled import Enrolled, by_node
from store.model import PodSize, Workload

T = TypeVar("T")
Grouped = TypeVar("Grouped", bound=objects.Pod | objects.Owner)
Pair = tuple[T | None, T | None]
"""An object before and after; None: it did not exist."""


class Seen(Struct, frozen=True, dict=True):
    """What a cycle has seen of workloads."""

    known: Index = Index(NOTHING)
    views: Views = field(default_factory=dict)
    by_uid: Mapping[str, Workload] = field(default_factory=dict)
    """Whose pods name this UID as their controller."""
    others: OthersByTarget = field(default_factory=dict)

    @computed_once
    def enrolled(self) -> Enrolled:
        """The pods whose usage is asked for: those of workloads that are not `off`."""
        return by_node(p for v in self.views.values() if v.enrolled for p in v.pods)


def seen(snapshot: Snapshot, policies: PolicyNames, before: Seen) -> Seen:
    """What there is to see in a snapshot; the views as views.py makes them."""
    return _updated(snapshot, policies, before) or _anew(snapshot, policies, before)


def _anew(snapshot: Snapshot, policies: PolicyNames, before: Seen) -> Seen:
    known = index(snapshot)
    found = {v.workload: v for v in views(known, policies, before.views)}
    return Seen(known, found, _by_uid(snapshot), others_in(snapshot))


def _updated(snapshot: Snapshot, policies: PolicyNames, before: Seen) -> Seen | None:
    """None: all views have to be put together again."""
    old = before.known.snapshot
    if old is NOTHING or any(getattr(old, n) is not getattr(snapshot, n) for n in _IN_ALL):
        return None
    same = old.horizontal is snapshot.horizontal and old.vertical is snapshot.vertical
    others = before.others if same else others_in(snapshot)
    if others != before.others:
        return None
    pods = [*differing(old.pods, snapshot.pods)]
    sizes = [*differing(old.podsizes, snapshot.podsizes)]
    owners = {k: [*differing(old.owners.get(k, {}), snapshot.owners.get(k, {}))] for k in _KINDS}
    known = Index(
        snapshot,
        _regrouped(before.known.pods_of, pods),
        _regrouped(before.known.sets_of, owners["ReplicaSet"]),
        before.known.ranges_in,
        _sizes(before.known.podsize_of, sizes),
    )
    by_uid = _renamed(before.by_uid, owners, sizes)
    found = dict(before.views)
    for workload in _concerned(snapshot, by_uid, pods, sizes, owners):
        view, last = view_of(workload, known, policies, others), found.get(workload)
        if _uid(view) != _uid(last):
            return None
        if view is not None and last is not None:
            found[workload] = reused(last, view)
    return Seen(known, found, by_uid, others)


_IN_ALL = ("namespaces", "limit_ranges")
_KINDS = tuple(kinds.OWNERS)


def _uid(view: View | None) -> tuple[bool, str]:
    """Whether there is one, and of which workload: one that was made again has another place."""
    return view is not None, view.owner.metadata.uid if view and view.owner else ""


def differing(before: Mapping[Key, T], after: Mapping[Key, T]) -> Iterator[Pair[T]]:
    """Each object that is another one, in the order of `after`; then those that are gone."""
    if before is after:
        return
    if [*before] == [*after]:  # most often the same keys, in the same order: no look-ups
        pairs = zip(before.values(), after.values(), strict=True)
        yield from ((b, a) for b, a in pairs if b is not a)
        return
    for key, a in after.items():
        b = before.get(key)
        if b is not a:
            yield b, a
    for key, b in before.items():
        if key not in after:
            yield b, None


def _regrouped(
    before: Mapping[str, Sequence[Grouped]], pairs: Iterable[Pair[Grouped]]
) -> Mapping[str, Sequence[Grouped]]:
    """Objects by the UID of their controller, with these changes."""
    out: dict[str, Sequence[Grouped]] = dict(before)
    for old, new in pairs:
        was, now = _controller(old), _controller(new)
        if was is not None and was == now and new is not None:
            out[was] = [new if one is old else one for one in out[was]]
            continue
        if was is not None:
            out[was] = [one for one in out[was] if one is not old]
        if now is not None and new is not None:
            out[now] = [*out.get(now, ()), new]
    return out


def _controller(one: objects.Pod | objects.Owner | None) -> str | None:
    found = one.metadata.controller() if one is not None else None
    return found.uid if found else None


def _sizes(
    before: Mapping[Workload, PodSize], pairs: Sequence[Pair[PodSize]]
) -> Mapping[Workload, PodSize]:
    out = {**before}
    for old, _ in pairs:
        if old is not None:
            out.pop(old.workload, None)
    return {**out, **{new.workload: new for _, new in pairs if new is not None}}


def _by_uid(snapshot: Snapshot) -> dict[str, Workload]:
    owners = {k: [(None, o) for o in snapshot.owners.get(k, {}).values()] for k in _KINDS}
    return _renamed({}, owners, [(None, p) for p in snapshot.podsizes.values()])


def _renamed(
    before: Mapping[str, Workload],
    owners: Mapping[str, Sequence[Pair[objects.Owner]]],
    sizes: Sequence[Pair[PodSize]],
) -> dict[str, Workload]:
    out = {**before}
    for kind, pairs in owners.items():
        for old, new in pairs:
            if old is not None:
                out.pop(old.metadata.uid, None)
            if new is not None:
                out[new.metadata.uid] = _workload(kind, new)
    for gone, made in sizes:
        if gone is not None:
            out.pop(gone.uid, None)
        if made is not None:
            out[made.uid] = made.workload
    return out


def _workload(kind: str, owner: objects.Owner) -> Workload:
    meta = owner.metadata
    return Workload(kinds.OWNERS[kind].api_version, kind, meta.namespace, meta.name)


def _concerned(
    snapshot: Snapshot,
    by_uid: Mapping[str, Workload],
    pods: Sequence[Pair[objects.Pod]],
    sizes: Sequence[Pair[PodSize]],
    owners: Mapping[str, Sequence[Pair[objects.Owner]]],
) -> set[Workload]:
    """The workloads whose views may be others."""
    uids = {u for pair in pods for one in pair if (u := _controller(one))}
    uids |= {u for pair in owners["ReplicaSet"] for one in pair if (u := _controller(one))}
    found = {one.workload for pair in sizes for one in pair if one}
    found |= {_workload(k, one) for k, pairs in owners.items() for p in pairs for one in p if one}
    for uid in uids:
        if (workload := by_uid.get(uid)) is not None:
            found.add(workload)
            if above := _deployment(snapshot, by_uid, workload):
                found.add(above)
    return found


def _deployment(
    snapshot: Snapshot, by_uid: Mapping[str, Workload], workload: Workload
) -> Workload | None:
    if workload.kind != "ReplicaSet":
        return None
    owner = snapshot.owners["ReplicaSet"].get((workload.namespace, workload.name))
    return by_uid.get(_controller(owner) or "")
