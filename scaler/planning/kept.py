"""Which plans stand until the next full cycle, as nothing that they depend on has changed. Pure.

A watch that reports one pod says nothing about other workloads, nor does usage that was read of the
nodes alone on which something is near a decision (usage/at_rest.py). So such a cycle keeps their
plans, and decides on the rest. A full cycle keeps nothing; it comes whenever usage was read of all
nodes or an action was carried out, and a few intervals after the one before it at the latest.

| a plan                                                     | stands while                       |
| ---------------------------------------------------------- | ---------------------------------- |
| `Settled` or `Observing` with nothing to do, of a workload | its view is the same object, no    |
| of which no pod is outdated, coming, going or not Ready    | new usage of its pods was read,    |
|                                                            | and the ground is the same         |
| the same, for which a quota was asked                      | besides, no pod and no workload of |
|                                                            | its namespace is another object    |
| for which something was asked that depends on what others  | never                              |
| have: room on other nodes, who would adopt a pod           |                                    |
| an agent has just said that a container is at its limit    | never                              |
| any other: something is under way                          | never                              |
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import inf

from msgspec import Struct

from kube import objects
from kube.memo import once
from scaler.cluster.snapshot import NOTHING, Key, Snapshot
from scaler.cluster.updated_views import differing
from scaler.cluster.view import View
from scaler.model import Plan, Wait
from scaler.planning.context import Context
from scaler.sizing.pinned_pods import nothing
from store.model import Phase
from store.records import BackOff

_CALM = (Phase.SETTLED, Phase.OBSERVING)


class KeptPlan(Struct, frozen=True, gc=True):
    """A plan that may stand, and when it was made, in seconds since the epoch."""

    view: View
    plan: Plan
    at: float
    shared: bool = False
    """Whether it depends on the other pods of its namespace."""

    def concerns(self, pods: Collection[tuple[str, str]]) -> bool:
        """Whether one of these is a pod of its workload; by namespace and name."""
        return any((p.metadata.namespace, p.metadata.name) in pods for p in self.view.pods)


class Ground(Struct, frozen=True):
    """What plans depend on that asked for nothing, beside their own workload.

    `stopped`, `webhook` and `repaired` as in the cycle context.
    """

    snapshot: Snapshot = NOTHING
    stopped: str | None = None
    webhook: str | None = None
    repaired: float | None = None

    def same(self, before: "Ground") -> bool:
        """Whether plans stand that were made on the ground `before`."""
        now, then = self.snapshot, before.snapshot
        return (
            (self.stopped, self.webhook, self.repaired)
            == (before.stopped, before.webhook, before.repaired)
            and now.claims is then.claims
            and now.namespaces is then.namespaces
            and now.quotas is then.quotas
            and _alike(then.nodes, now.nodes)
        )


class Moment(Struct, frozen=True):
    """The pods and workloads of one cycle."""

    snapshot: Snapshot = NOTHING
    views: Sequence[View] = ()

    def moved(self, before: "Moment") -> frozenset[str]:
        """The namespaces of which a pod or a workload is another one, or gone."""
        pairs = differing(before.snapshot.pods, self.snapshot.pods)
        found = {one.metadata.namespace for pair in pairs for one in pair if one}
        for these, those in ((before, self), (self, before)):
            found |= _others(these.views, those.views)
        return frozenset(found)


def _others(these: Iterable[View], those: Iterable[View]) -> set[str]:
    """The namespaces of those views that are none of these."""
    known = {id(view) for view in these}
    return {view.workload.namespace for view in those if id(view) not in known}


def stands(view: View, plan: Plan, now: float) -> bool:
    """Whether a plan for which nothing was asked may stand: the table's first row."""
    return (
        isinstance(plan.action, Wait)
        and plan.standing.phase in _CALM
        and not plan.in_flight
        and _calm_from(view) <= now
    )


def pinned(view: View, context: Context) -> bool:
    """Whether an agent has said of a pod of it what counts for a moment alone."""
    of = context.pinned_of
    return of is not nothing and any(of(s.pod, name) for s in view.states for name in s.actual)


@once
def _calm_from(view: View) -> float:
    """From when on seconds do not count: nothing of the workload is about to happen, or late."""
    under_way = (
        view.podsize is None
        or view.podsize.status.backoff != BackOff()
        or view.unready
        or view.terminating
        or view.differing
        or view.held
        or view.failed
        or len(view.not_terminating) != view.desired_replicas
    )
    return inf if under_way else max((s.available_from for s in view.states), default=-inf)


def _alike(before: Mapping[Key, objects.Node], after: Mapping[Key, objects.Node]) -> bool:
    """Whether all nodes say the same: their kubelets write each of them every few minutes."""
    return all(a and b and _about(a) == _about(b) for a, b in differing(before, after))


def _about(node: objects.Node) -> tuple[object, ...]:
    meta = node.metadata
    return meta.name, meta.uid, meta.labels, meta.annotations, node.spec, node.status
