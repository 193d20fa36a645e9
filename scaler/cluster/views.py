"""A view of each managed workload of a snapshot, built by owner references alone. Pure.

The same snapshot gives the same views.

| the object                                    | has a view                                       |
| --------------------------------------------- | ------------------------------------------------ |
| enrolled by an annotation, or with a PodSize  | yes (with a PodSize: it may be leaving)          |
| a ReplicaSet of an apps/v1 Deployment         | no: the Deployment has one                       |
| a ReplicaSet or ReplicationController with    | yes, but `foreign`: that controller makes        |
| any other controller (Rollout,                | another one with each change, and it decides     |
| DeploymentConfig)                             | which of them has pods                           |
| any other kind, whoever created or controls   | yes: its own pods are its own matter, and a size |
| it (an operator)                              | changes nothing of what its controller compares  |
| a PodSize whose workload does not exist       | yes, without an owner                            |
"""

from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from types import MappingProxyType

from msgspec.structs import replace

from kube import kinds, objects
from kube.pods import age, living
from scaler.annotations.enrolment import enrolment
from scaler.annotations.options import PolicyNames
from scaler.cluster.autoscalers import OthersByTarget, others_in, others_of
from scaler.cluster.snapshot import Index
from scaler.cluster.view import View
from store.model import PodSize, Workload

Views = Mapping[Workload, View]

_GENERATIONS = ("ReplicaSet", "ReplicationController")
"""Kinds of which others make one for each version of what they roll out."""
NEWEST_FAILED = 3
"""Failed pods of a workload that are looked at."""
_DEPLOYMENT = (kinds.DEPLOYMENT.name, kinds.DEPLOYMENT.api_version)


def views(
    known: Index, policies: PolicyNames, before: Views = MappingProxyType({})
) -> Iterator[View]:
    """A view of each workload by the table above.

    `policies`: the values that `podtailor.io/policy` may have. `before`: the views of the last
    cycle; one whose objects are all the same is reused with everything computed from it.
    """
    for view in _views(known, policies):
        last = before.get(view.workload)
        yield view if last is None else reused(last, view)


def reused(last: View, view: View) -> View:
    """The view of the last cycle where it consists of the same objects; else what is still true."""
    return last if _same(last, view) else view.after(last)


def view_of(
    workload: Workload, known: Index, policies: PolicyNames, others: OthersByTarget
) -> View | None:
    """The view of one workload, by the same table; None: it has none.

    `others`: what `others_in` finds in the snapshot.
    """
    key, kind = (workload.namespace, workload.name), kinds.OWNERS.get(workload.kind)
    if kind is not None and kind.api_version == workload.api_version:
        owner = known.snapshot.owners.get(workload.kind, {}).get(key)
        view = _view(workload, owner, known, policies) if owner else None
        if view is not None and owner is not None:
            own = others_of(others, workload, owner.metadata)
            return replace(view, others=own) if own else view
    podsize = known.podsize_of.get(workload)
    if podsize is None:
        return None
    return View(workload, None, None, podsize, held=_held(podsize, known))


def _views(known: Index, policies: PolicyNames) -> Iterator[View]:
    others = others_in(known.snapshot)
    owned = (
        Workload(kind.api_version, kind.name, namespace, name)
        for kind in kinds.OWNERS.values()
        for namespace, name in known.snapshot.owners.get(kind.name, {})
    )
    workloads = dict.fromkeys([*owned, *known.podsize_of])
    found = (view_of(workload, known, policies, others) for workload in workloads)
    return (view for view in found if view is not None)


def _view(
    workload: Workload, owner: objects.Owner, known: Index, policies: PolicyNames
) -> View | None:
    meta, template = owner.metadata, owner.spec.template.metadata
    controller = meta.controller() if workload.kind in _GENERATIONS else None
    if controller and (controller.kind, controller.api_version) == _DEPLOYMENT:
        return None  # Deployments copy their annotations to their ReplicaSets
    namespace = known.snapshot.namespaces.get(("", workload.namespace))
    settings = enrolment(
        meta.annotations,
        template.annotations,
        namespace.metadata.annotations if namespace else None,
        policies,
    )
    podsize = known.podsize_of.get(workload)
    if settings is None and podsize is None:
        return None
    sets = known.sets_of.get(meta.uid, []) if workload.kind == "Deployment" else []
    uids = [s.metadata.uid for s in sets] if workload.kind == "Deployment" else [meta.uid]
    pods = [p for uid in uids for p in known.pods_of.get(uid, ())]
    return View(
        workload,
        owner,
        settings,
        podsize,
        living(pods),
        tuple(sets),
        tuple(known.ranges_in.get(workload.namespace, ())),
        foreign=f"{controller.kind} {controller.name}" if controller else None,
        namespace_goes=bool(namespace and namespace.metadata.deletion_timestamp),
        held=_held(podsize, known),
        failed=_failed(pods),
    )


def _failed(pods: Sequence[objects.Pod]) -> tuple[objects.Pod, ...]:
    """The newest ones: there may be hundreds, which nobody looks at."""
    found = [p for p in pods if p.status.phase == "Failed"]
    return tuple(nlargest(NEWEST_FAILED, found, key=age))


def _held(podsize: PodSize | None, known: Index) -> tuple[objects.Pod, ...]:
    return living(known.pods_of.get(podsize.uid, ())) if podsize else ()


def _same(a: View, b: View) -> bool:
    """Whether two views of a workload consist of the same objects."""
    return (
        a.owner is b.owner
        and a.podsize is b.podsize
        and a.settings == b.settings
        and a.namespace_goes == b.namespace_goes
        and a.others == b.others
        and _all_same(a.pods, b.pods)
        and _all_same(a.held, b.held)
        and _all_same(a.failed, b.failed)
        and _all_same(a.replica_sets, b.replica_sets)
        and _all_same(a.limit_ranges, b.limit_ranges)
    )


def _all_same(a: Sequence[object], b: Sequence[object]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))
