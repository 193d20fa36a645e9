"""What is asked to find the pod that is replaced next, and the answer. Frozen values."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from kube import objects
from scaler.annotations.options import Settings
from scaler.cluster import backoff, in_flight, modes, rollout
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.pod_state import PodState, pods
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt
from store.injection import inject
from store.model import Apply, Phase, Sizes
from store.reasons import Reason

Question = Callable[[list[objects.Pod]], str | None]


@dataclass(frozen=True, slots=True)
class RestartLimits:
    """What bounds restarts; `per_hour` allows one round of replicas more."""

    per_hour: int = 6
    paused: str | None = None
    """Why nothing at all is taken (the kill switch, or a dry run); None: it is not."""
    dry_run: bool = False
    """Whether not even a size that does not work may be taken back."""
    deletes: bool = False
    """Whether pods are deleted past their budgets: people asked for it, and we may."""
    there: frozenset[str] = frozenset()
    """UIDs of the pods that were there as we took one a moment ago; empty: we know of none."""


@dataclass(frozen=True, slots=True)
class Next:
    """The pod to take, or None and why.

    `in_flight`: a pod of the workload is being replaced. `proven`: all pods run with the stored
    size. `failed`: the last change did not reach a pod.
    """

    pod: objects.Pod | None
    phase: Phase
    reason: Reason | None
    message: str = ""
    in_flight: bool = False
    proven: bool = False
    failed: bool = False
    unable: str | None = None
    """Why the pod's replacement cannot be there first."""
    deletes: bool = False
    """Whether it is held and deleted then, not evicted."""


@dataclass(frozen=True)
class Prospects:
    """What is costly to find out, and asked only where the answer counts. None: nothing is wrong.

    Why replacements of these pods fit on no node, why a quota would not let them in, and (`unable`)
    why a pod's replacement cannot be there before the pod goes.
    """

    fits: Question
    quota: Question = lambda pods: None
    unable: Callable[[objects.Pod], str | None] = lambda pod: "surge is not looked at"


@dataclass(frozen=True)
class NextCase:
    """One workload as it is `now`. What several checks ask is found once, where it is asked."""

    view: View
    settings: Settings
    limits: RestartLimits
    prospects: Prospects
    now: float

    @property
    def states(self) -> tuple[PodState, ...]:
        """Of the pods that are not terminating."""
        return self.view.not_terminating

    @cached_property
    def outdated(self) -> list[PodState]:
        """Pods that are replaced for the stored size, sooner or later; none for `apply: new`."""
        view, size = self.view, self.view.size
        if size is None or size.apply is Apply.NEW:
            return []
        passive = modes.passive(view, self.settings) if view.differing else ()
        return [s for s in view.differing if s.outdated(passive)]

    @cached_property
    def in_flight(self) -> str | None:
        """Which replacement is under way; None where none is."""
        flying = in_flight.under_way(self.view, self.outdated, self.now)
        return flying or backoff.undecided(self.view, self.now)

    @cached_property
    def starting(self) -> str | None:
        """Which pod of a size that no pod had before is not Ready yet; None where all are."""
        return None if self.proven else in_flight.under_way(self.view, [], self.now)

    @cached_property
    def proven(self) -> bool:
        """Whether all pods ran with the stored size once. One sick pod does not change that."""
        last, size = self.view.status.last_good, self.view.size
        return last is not None and size is not None and last.revision == size.revision

    @cached_property
    def free(self) -> list[objects.Pod]:
        """Outdated pods that no annotation protects."""
        return pods(s for s in self.outdated if not do_not_disrupt.why(self.view, s))

    @cached_property
    def candidate(self) -> objects.Pod | None:
        """The pod that is next; None where none is outdated."""
        return next(iter(rollout.in_order(self.view, self.free or pods(self.outdated))), None)

    @cached_property
    def unable(self) -> str | None:
        """Why its replacement cannot be there before it goes."""
        return self.prospects.unable(self.candidate) if self.candidate else None

    @cached_property
    def replacement(self) -> Sizes:
        """What the webhook would make of it, by container."""
        return inject(self.view.size, came_with(self.candidate)) if self.candidate else {}
