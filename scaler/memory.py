"""What one cycle leaves to the next, and nothing that is not also in the cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scaler.annotations.options import Mode, PolicyNames, Settings
from scaler.cluster.snapshot import NOTHING, Snapshot, index
from scaler.cluster.view import View
from scaler.cluster.views import Views, views
from scaler.feasibility.rescheduling import Nodes
from scaler.health import rejected_pods, startup_deadline, unmade_pods
from scaler.health.rejected_pods import Rejected
from scaler.health.startup_deadline import Startups
from scaler.health.unmade_pods import Missing
from scaler.model import Stretches
from scaler.planning.cluster_gate import Turns
from scaler.planning.context import Look
from scaler.policies import table
from scaler.sizing import remembered, start_ups
from scaler.sizing.evidence import Watched
from scaler.sizing.remembered import LongWindows
from scaler.sizing.start_ups import Starts
from store.model import Workload


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
    views: Views = field(default_factory=dict)
    nodes: Nodes = field(default_factory=lambda: Nodes(NOTHING))

    def notice(self, views: Sequence[View], now: float) -> None:
        """Which owners lack pods and why, as of `now` (seconds since the epoch)."""
        self.rejected = rejected_pods.remembered(self.rejected, views, now)
        self.startups = startup_deadline.remembered(self.startups, views)
        self.missing = unmade_pods.remembered(self.missing, views, now)
        self.lacking = any(unmade_pods.waited_for(v, self.missing) for v in views)

    def remember(self, views: Sequence[View], watched: Watched) -> None:
        """One more look at each start, and one more minute in each long window, where it is due."""
        starts, minute_of = self.starts, watched.minute_of
        self.starts = {
            v.workload: start_ups.seen(starts.get(v.workload) or start_ups.begun(v), v, minute_of)
            for v in views
            if v.podsize
        }
        before = self.long
        fed = ((v.workload, remembered.fed(before.get(v.workload, {}), v, watched)) for v in views)
        self.long = {workload: windows for workload, windows in fed if windows}

    def enrolled(self) -> dict[str, frozenset[tuple[str, str]]]:
        """By node, namespace and name of the pods whose usage is looked at closely."""
        found: dict[str, set[tuple[str, str]]] = {}
        for view in self.views.values():
            if isinstance(view.settings, Settings) and view.settings.mode is not Mode.OFF:
                for pod in view.pods:
                    key = (pod.metadata.namespace, pod.metadata.name)
                    found.setdefault(pod.spec.node_name or "", set()).add(key)
        return {node: frozenset(pods) for node, pods in found.items()}

    def look(self, snapshot: Snapshot) -> Look:
        """What is made of a snapshot; the same again where it is the same."""
        if snapshot is not self.snapshot:
            seen = views(index(snapshot), self.policies, self.views)
            self.views = {v.workload: v for v in seen}
            self.nodes = Nodes.of(snapshot, self.nodes)
            self.snapshot = snapshot
        return Look(snapshot, [*self.views.values()], self.nodes)
