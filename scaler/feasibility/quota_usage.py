"""What the ResourceQuotas of the cluster allow each workload, in one cycle. Pure.

Most namespaces have none, and most cycles decide nothing: a namespace's ledger is made where it is
asked for, once per cycle.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from kube import objects
from kube.pods import living
from scaler.cluster import manifest, pod_state, rollout
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.feasibility.quota import Ledger, Share
from store.injection import inject
from store.model import Apply, Sizes

Quota = Callable[[View, Sequence[objects.Pod], Sizes], str | None]
"""Why pods of a workload could not come back with sizes by container; None: they could."""


def quotas_on(
    snapshot: Snapshot, views: Sequence[View], *, now: bool = False, beside: bool = False
) -> Quota:
    """The question, on this snapshot.

    `now`: other workloads count with what they have, not with what they are on their way to. So a
    size is taken back only where it would be refused indeed, and not for what might still come.
    `beside`: the pods stay until their replacements are there, so they count with them.
    """
    ledgers: dict[str, Ledger | None] = {}

    def quota(view: View, pods: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        namespace = view.workload.namespace
        if namespace not in ledgers:
            ledgers[namespace] = _ledger(snapshot, views, namespace, now=now)
        ledger = ledgers[namespace]
        if ledger is None:
            return None
        mine = _share(view)
        if beside:
            mine = replace(mine, pods=[*pods, *mine.pods])
        return ledger.refusal(_uid(view), mine, rollout.in_order(view, pods), sizes)

    return quota


def _ledger(
    snapshot: Snapshot, views: Sequence[View], namespace: str, *, now: bool
) -> Ledger | None:
    quotas = [q for (where, _), q in snapshot.quotas.items() if where == namespace]
    if not quotas:
        return None
    ours = [v for v in views if v.workload.namespace == namespace and v.owner]
    known = {p.metadata.uid for v in ours for p in (*v.pods, *v.held)}
    here = living(p for (where, _), p in snapshot.pods.items() if where == namespace)
    return Ledger(
        quotas,
        [r for (where, _), r in snapshot.limit_ranges.items() if where == namespace],
        {_uid(v): _as_is(v) if now else _share(v) for v in ours},
        [p for p in here if p.metadata.uid not in known],
    )


def _uid(view: View) -> str:
    return view.owner.metadata.uid if view.owner else ""


def _share(view: View) -> Share:
    changing = view.size is not None and view.size.apply is Apply.ALL
    targets = {s.uid: s.target for s in view.differing} if changing else {}
    alive = pod_state.pods(view.not_terminating)
    coming = () if alive else (_coming(view),)
    missing = max(0, view.desired_replicas - len(alive))
    return Share(alive, missing, lambda pod: targets.get(pod.metadata.uid), view.held, coming)


def _as_is(view: View) -> Share:
    return Share(pod_state.pods(view.not_terminating), held=view.held)


def _coming(view: View) -> tuple[objects.Pod, Sizes]:
    """A pod of a workload that has none."""
    pod, came = manifest.expected(view, view.size)
    return pod, inject(view.size, came)
