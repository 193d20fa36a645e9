"""What one cycle knows beside the workload itself: clock, usage, nodes, bounds. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from scaler.annotations.options import Bounds
from scaler.cluster.snapshot import Key, Snapshot
from scaler.cluster.view import View
from scaler.feasibility.quota_usage import Quota
from scaler.feasibility.rescheduling import Obstacle, Places
from scaler.health.startup_deadline import Deadline
from scaler.model import Stretches
from scaler.policies.quiet import Patience
from scaler.replacement.candidate import Limits
from scaler.sizing.evidence import MinuteOf
from store.annotations import PREFIX
from store.model import Workload

PAUSED = PREFIX + "paused"
NO_SURGE = "scaler.surge.enabled is false"


@dataclass(frozen=True)
class Around:
    """The same for all workloads of a cycle.

    `obstacle` says why replacements of some pods, with sizes by container, fit nowhere, `quota` why
    they would not be let in at the end of all changes, `quota_now` why they would not at once,
    `quota_beside` why not while the pods that they replace are still there. The
    time `now` is in seconds since the epoch.
    """

    now: float
    minute_of: MinuteOf
    obstacle: Obstacle
    maxima: Bounds = Bounds()  # noqa: RUF009 (frozen)
    limits: Limits = Limits()  # noqa: RUF009 (frozen)
    quota: Quota = lambda view, pods, sizes: None
    quota_now: Quota = lambda view, pods, sizes: None
    quota_beside: Quota = lambda view, pods, sizes: None
    admits: Callable[[View], str | None] = lambda view: None
    """Why the webhook's configuration leaves a workload's pods out."""
    webhook: str | None = None
    """Why no pod could be sized now, whoever makes it; None: nothing is known to be wrong."""
    unfenced: str | None = NO_SURGE
    """Why no pod may be handed over: it is not asked for, or nothing fences us; None: it may."""
    places: Places = Places()  # noqa: RUF009 (frozen)
    deadline: Deadline = Deadline()  # noqa: RUF009 (frozen)
    patience: Patience = Patience()  # noqa: RUF009 (frozen)
    stretches: Mapping[Workload, Stretches] = field(default_factory=dict)
    """How long containers have been quiet, as of the last cycle."""
    there: Callable[[View], frozenset[str]] = lambda view: frozenset()
    """UIDs of a workload's pods as one of them was taken a moment ago."""


def stopped_by(snapshot: Snapshot, own: Key, *, dry_run: bool) -> str | None:
    """Why nothing at all may change; `own`: the scaler's own Deployment."""
    if dry_run:
        return "scaler.dryRun is set"
    deployment = snapshot.owners.get("Deployment", {}).get(own)
    if deployment is not None and deployment.metadata.annotation(PAUSED) == "true":
        return "the scaler's own Deployment is paused"
    return None
