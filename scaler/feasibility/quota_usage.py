"""What the ResourceQuotas of a snapshot allow each workload. Pure.

Most namespaces have no quota, and most cycles change nothing: a namespace's ledger is built on
demand, once per cycle.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from kube import objects
from kube.pods import living
from scaler.cluster import manifest, pod_state, rollout
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.feasibility.questions import Questions
from scaler.feasibility.quota import Ledger, Share
from store.injection import inject
from store.model import Apply, Sizes

Quota = Callable[[View, Sequence[objects.Pod], Sizes], str | None]
"""Why a quota would refuse replacements of pods, with sizes by container; None: it would not."""


def quotas_on(
    snapshot: Snapshot,
    views: Sequence[View],
    questions: Questions | None = None,
    *,
    now: bool = False,
    beside: bool = False,
) -> Quota:
    """The quota check on this snapshot.

    `now`: other workloads count with what they have, not with the size that they are changing to.
    So a size is rolled back only if a quota refuses it now, not if one might refuse it later.
    `beside`: the pods stay until their replacements are Ready, so both count.
    """
    ledgers: dict[str, Ledger | None] = {}

    def quota(view: View, pods: Sequence[objects.Pod], sizes: Sizes) -> str | None:
        namespace = view.workload.namespace
        if namespace not in ledgers:
            ledgers[namespace] = _ledger(snapshot, views, namespace, now=now)
        ledger = ledgers[namespace]
        if ledger is None:
            return None
        if questions is not None:
            questions.of_namespace += 1
        mine = _share(view)
        if beside:
            mine = replace(mine, pods=[*pods, *mine.pods])
        return ledger.refusal(str(view.workload), mine, rollout.in_order(view, pods), sizes)

    return quota


def _ledger(
    snapshot: Snapshot, views: Sequence[View], namespace: str, *, now: bool
) -> Ledger | None:
    quotas = [q for (where, _), q in snapshot.quotas.items() if where == namespace]
    if not quotas:
        return None
    managed = [v for v in views if v.workload.namespace == namespace and v.owner]
    known = {p.metadata.uid for v in managed for p in (*v.pods, *v.held)}
    here = living(p for (where, _), p in snapshot.pods.items() if where == namespace)
    return Ledger(
        quotas,
        [r for (where, _), r in snapshot.limit_ranges.items() if where == namespace],
        {str(v.workload): _as_is(v) if now else _share(v) for v in managed},
        [p for p in here if p.metadata.uid not in known],
    )


def _share(view: View) -> Share:
    changing = view.size is not None and view.size.apply is Apply.ALL
    targets = {s.uid: s.target for s in view.differing} if changing else {}
    staying = pod_state.pods(view.not_terminating)
    coming = () if staying else (_coming(view),)
    missing = max(0, view.desired_replicas - len(staying))
    mixed = view.nodes is not None
    return Share(
        staying, missing, lambda pod: targets.get(pod.metadata.uid), view.held, coming, mixed
    )


def _as_is(view: View) -> Share:
    return Share(pod_state.pods(view.not_terminating), held=view.held)


def _coming(view: View) -> tuple[objects.Pod, Sizes]:
    """The next pod of a workload that has none."""
    pod, came = manifest.expected(view, view.size)
    return pod, inject(view.size, came)
