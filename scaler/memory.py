"""What one cycle leaves to the next, and nothing that is not also in the cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec.structs import replace

from scaler.annotations.options import PolicyNames
from scaler.cluster import updated_views
from scaler.cluster.node_kinds import NodeKinds
from scaler.cluster.snapshot import NOTHING, Snapshot
from scaler.cluster.updated_views import Seen
from scaler.cluster.view import View
from scaler.cluster.views import Views
from scaler.feasibility.rescheduling import Nodes
from scaler.health import rejected_pods, startup_deadline, unmade_pods
from scaler.health.rejected_pods import Rejected
from scaler.health.startup_deadline import Startups
from scaler.health.unmade_pods import Missing
from scaler.model import Stretches
from scaler.planning.cluster_gate import Turns
from scaler.planning.context import Look
from scaler.policies import quiet, table
from scaler.sizing import remembered, start_ups
from scaler.sizing.evidence import Watched
from scaler.sizing.remembered import LongWindows
from scaler.sizing.start_ups import Starts
from scaler.usage.enrolled import Enrolled
from store.model import Workload

T = TypeVar("T")


@dataclass
class Memory:
    """What a cycle knows of those before it. A new process has none of it, and breaks nothing."""

    gate: Turns = field(default_factory=Turns)
    stretches: Mapping[Workload, Stretches] = field(default_factory=dict)
    """How long containers have been quiet: what a restart loses of it, it reads again."""
    long: Mapping[Workload, LongWindows] = field(default_factory=dict)
    """The long windows: a restart begins them again, and no size gets smaller before they are back.
    Frozen values, which a store of the history could keep."""
    starts: Mapping[Workload, Starts] = field(default_factory=dict)
    """The starts that are being followed: of those under way at a restart, nothing is learnt."""
    policies: PolicyNames = table.NAMES
    """The names of policies, and which one is the default."""
    missing: Missing = field(default_factory=dict)
    """Since when owners lack pods that they cannot create: a restart is as patient once more."""
    rejected: Rejected = field(default_factory=dict)
    """Pods that kubelets refused in the last two minutes, at most three of a workload."""
    startups: Mapping[Workload, Startups] = field(default_factory=dict)
    """How long start-ups took while pods were Ready: a restart may have to measure again."""
    lacking: bool = False
    """Whether somebody's pods cannot be created, which is a matter of seconds."""
    snapshot: Snapshot = NOTHING
    """As of the last cycle, with what follows from it alone."""
    seen: Seen = field(default_factory=Seen)
    nodes: Nodes = field(default_factory=lambda: Nodes(NOTHING))
    kinds: NodeKinds = NodeKinds()  # noqa: RUF009 (frozen)
    """The kinds of node, where a workload has sizes by kind of node."""

    @property
    def views(self) -> Views:
        """Those of the last cycle."""
        return self.seen.views

    def notice(self, look: Look, again: Sequence[View], now: float) -> None:
        """Which owners lack pods and why, as of `now` (seconds since the epoch).

        `again`: the views whose workloads are decided on; of all others it stays as it is.
        """
        rejected = rejected_pods.remembered(self.rejected, again, now)
        startups = startup_deadline.remembered(self.startups, again)
        missing = unmade_pods.remembered(self.missing, again, now)
        self.rejected = {**_of_others(self.rejected, look, again), **rejected}
        self.startups = {**_of_others(self.startups, look, again), **startups}
        self.missing = {**_of_others(self.missing, look, again), **missing}
        self.lacking = bool(self.missing) and any(
            unmade_pods.waited_for(v, self.missing) for v in look.views
        )

    def remember(self, look: Look, again: Sequence[View], watched: Watched) -> None:
        """One more look at each start, and one more minute in each long window, where it is due."""
        starts, minute_of = self.starts, watched.minute_of
        self.starts = _of_others(starts, look, again) | {
            v.workload: start_ups.seen(starts.get(v.workload) or start_ups.begun(v), v, minute_of)
            for v in again
            if v.podsize
        }
        before = self.long
        fed = ((v.workload, remembered.fed(before.get(v.workload, {}), v, watched)) for v in again)
        self.long = _of_others(before, look, again) | {w: windows for w, windows in fed if windows}

    def rest(self, look: Look, again: Sequence[View], seen: Mapping[Workload, Stretches]) -> None:
        """How long containers have been quiet, as this cycle has `seen` it."""
        others = _of_others(self.stretches, look, again)
        self.stretches = others | quiet.remembered(self.stretches, seen)

    def enrolled(self) -> Enrolled:
        """The pods whose usage is asked for."""
        return self.seen.enrolled

    def look(self, snapshot: Snapshot, now: float) -> Look:
        """What is made of a snapshot; the same again where it is the same.

        `now`, in seconds since the epoch: a label of a node counts once it has stood for a while.
        """
        if snapshot is not self.snapshot:
            self.seen = updated_views.seen(snapshot, self.policies, self.seen)
            self.nodes = Nodes.of(snapshot, self.nodes)
            self.snapshot = snapshot
        before, self.kinds = (
            self.kinds,
            self.kinds.of(snapshot.nodes, self.seen.views.values(), now),
        )
        if self.kinds.known is not None or before.known is not None:
            self.seen = replace(self.seen, views=self.kinds.given(self.seen.views))
        return Look(snapshot, [*self.seen.views.values()], self.nodes)


def _of_others(known: Mapping[Workload, T], look: Look, again: Sequence[View]) -> dict[Workload, T]:
    """What is known of the workloads that are not decided on in this cycle."""
    if len(again) == len(look.views):
        return {}  # and nothing of those that are gone
    out = dict(known)
    for view in again:
        out.pop(view.workload, None)
    return out
