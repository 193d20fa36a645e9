"""The cycle context, the same for all workloads: clock, usage, nodes, quotas, bounds. Pure."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from kube import objects
from scaler.agents.heat import HeatOf, unknown
from scaler.annotations.options import Bounds
from scaler.cluster import adopters
from scaler.cluster.snapshot import Key, Snapshot
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt
from scaler.feasibility.quota_usage import Quota, quotas_on
from scaler.feasibility.rescheduling import Nodes, Obstacle, Places
from scaler.health import startup_deadline
from scaler.health.rejected_pods import Rejected
from scaler.health.startup_deadline import Deadline, Startups
from scaler.health.unmade_pods import Missing
from scaler.model import Stretches
from scaler.policies.policy import Horizon, Patience
from scaler.replacement.prospects import RestartLimits
from scaler.replacement.surge import Asked
from scaler.resizing.resize_case import Refused
from scaler.sizing.evidence import MinuteOf
from scaler.sizing.pinned_pods import PinnedOf, nothing
from scaler.sizing.remembered import LongWindows
from scaler.sizing.start_ups import Starts
from store.annotations import PREFIX
from store.model import Workload
from store.records import StartUp

PAUSED = PREFIX + "paused"
NO_SURGE = "scaler.surge.enabled is false"
NO_RESIZE = "scaler.resize.enabled is false"


Unresizable = Callable[[View, str], Refused | None]


class Context(Struct, frozen=True):
    """The same for all workloads of a cycle; `now` is in seconds since the epoch.

    `obstacle` says why replacements of some pods, with sizes by container, fit on no node. A quota
    says why it would not admit them: `quota` at the end of all changes, `quota_now` at once,
    `quota_beside` while the pods that they replace still exist.
    """

    now: float
    minute_of: MinuteOf
    obstacle: Obstacle
    maxima: Bounds = Bounds()
    limits: RestartLimits = RestartLimits()
    quota: Quota = lambda view, pods, sizes: None
    quota_now: Quota = lambda view, pods, sizes: None
    quota_beside: Quota = lambda view, pods, sizes: None
    admits: Callable[[View], str | None] = lambda view: None
    """Why the webhook's configuration leaves a workload's pods out."""
    webhook: str | None = None
    """Why no new pod could be sized now, whoever creates it; None: nothing is known to be wrong."""
    repaired: float | None = None
    """When we last repaired the API server's trust in the webhook; None: not in this process."""
    no_surge: str | None = NO_SURGE
    """Why no pod of anybody's may be handed over; None: it depends on the workload."""
    barred: Callable[[View], str | None] = lambda view: None
    """Why none of this workload's may: no rights policy is in force, or somebody refuses it."""
    refused: Callable[[View], bool] = lambda view: False
    """Whether the latter: a policy, a webhook or a right of somebody else, in their words."""
    unresizable: Unresizable = lambda view, uid: Refused(NO_RESIZE)
    """Why a pod is not resized in place, as far as asking for it has shown."""
    resize_deadline: float = 60.0
    """Seconds that a kubelet may take for a resize."""
    pinned_of: PinnedOf = nothing
    """What node agents have said of a pod's container a moment ago."""
    bursts: int = 3
    """How often in ten minutes that may raise a container."""
    heat_of: HeatOf = unknown
    """What the agent of a node says of its clocks and its heat."""
    places: Places = Places()
    deadline: Deadline = Deadline()
    patience: Patience = Patience()
    horizon: Horizon = Horizon()
    stretches: Mapping[Workload, Stretches] = field(default_factory=dict)
    """How long containers have been quiet, as of the last cycle."""
    long: Mapping[Workload, LongWindows] = field(default_factory=dict)
    """The long windows, of containers whose policy asks for one."""
    starts: Mapping[Workload, Starts] = field(default_factory=dict)
    """What this process has learnt of start-ups that burn CPU."""
    missing: Missing = field(default_factory=dict)
    """Since when owners that put no refusal into their status have lacked pods."""
    rejected: Rejected = field(default_factory=dict)
    """The newest pods that kubelets refused."""
    startups: Mapping[Workload, Startups] = field(default_factory=dict)
    """How long start-ups took while pods were Ready, as this process has seen it."""
    adopter: Callable[[objects.Pod], str | None] = lambda pod: None
    """Which other controller would adopt a pod while it has none."""
    there: Callable[[View], frozenset[str]] = lambda view: frozenset()
    """UIDs of the pods that a workload had when one of them was replaced a moment ago."""

    def deadline_of(self, view: View) -> Deadline:
        """How long a start-up of this workload may take."""
        known = self.startups.get(view.workload)
        return replace(self.deadline, declared=startup_deadline.declared(view), known=known)

    def start_ups_of(self, view: View) -> tuple[StartUp, ...]:
        """What the status should say of start-ups that burn CPU."""
        known = self.starts.get(view.workload)
        return view.status.start_ups if known is None else known.records

    def surge(self, view: View) -> Asked:
        """What decides whether a replacement may run beside its pod."""
        barred = self.no_surge or self.barred(view)
        return Asked(barred, self.places, self.obstacle, self.quota_beside, self.adopter)


class Options(Struct, frozen=True):
    """The settings that a cycle needs; `own`: the scaler's own Deployment."""

    own: Key
    dry_run: bool = False
    per_hour: int = 6
    """Restarts of a workload in an hour, in addition to one for each replica."""
    maxima: Bounds = Bounds()
    deadline: Deadline = Deadline()
    patience: Patience = Patience()
    horizon: Horizon = Horizon()
    resize_deadline: float = 60.0
    bursts: int = 3


class Look(Struct, frozen=True):
    """What one cycle sees of the cluster: a snapshot, and what was worked out from it."""

    snapshot: Snapshot
    views: Sequence[View]
    nodes: Nodes


def of(look: Look, options: Options, minute_of: MinuteOf, now: float) -> Context:
    """The context by cluster and settings; the caller adds what webhook and rights policy say."""
    snapshot, views, questions = look.snapshot, look.views, look.nodes.questions
    stopped = stopped_by(snapshot, options.own, dry_run=options.dry_run)
    kept = do_not_disrupt.kept_nodes(snapshot.nodes.values())

    def adopter(pod: objects.Pod) -> str | None:
        questions.asked += 1
        return adopters.other_than_its_own(snapshot, pod)

    return Context(
        now=now,
        minute_of=minute_of,
        obstacle=look.nodes.obstacle,
        quota=quotas_on(snapshot, views, questions),
        quota_now=quotas_on(snapshot, views, questions, now=True),
        quota_beside=quotas_on(snapshot, views, questions, beside=True),
        maxima=options.maxima,
        limits=RestartLimits(options.per_hour, stopped, options.dry_run, kept_nodes=kept),
        places=look.nodes.places(),
        adopter=adopter,
        deadline=options.deadline,
        patience=options.patience,
        horizon=options.horizon,
        resize_deadline=options.resize_deadline,
        bursts=options.bursts,
    )


def stopped_by(snapshot: Snapshot, own: Key, *, dry_run: bool) -> str | None:
    """Why nothing at all may change; `own`: the scaler's own Deployment."""
    if dry_run:
        return "scaler.dryRun is set"
    deployment = snapshot.owners.get("Deployment", {}).get(own)
    if deployment is not None and deployment.metadata.annotation(PAUSED) == "true":
        return "the scaler's own Deployment is paused"
    return None
