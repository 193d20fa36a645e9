"""Input and result of the search for the next pod to replace. Frozen values."""

from collections.abc import Mapping

from msgspec import Struct

from kube import objects
from kube.memo import computed_once
from scaler.annotations.options import Settings
from scaler.cluster import backoff, in_flight, modes, oom_kills, rollout, terminating
from scaler.cluster.pod_state import PodState, pods
from scaler.cluster.view import View
from scaler.disruption import do_not_disrupt
from scaler.health.startup_deadline import Deadline
from scaler.replacement.prospects import Prospects, RestartLimits
from scaler.resizing import pod_step
from scaler.resizing.resize_case import ResizeCase, Step, Terms, Way
from store.model import Apply, Phase, Sizes
from store.reasons import Reason


class Next(Struct, frozen=True):
    """The pod to replace; or None, with the reason.

    `in_flight`: a pod of the workload is being replaced. `proven`: all pods run with the stored
    size. `failed`: a new pod does not have the stored values.
    """

    pod: objects.Pod | None
    phase: Phase
    reason: Reason | None
    message: str = ""
    in_flight: bool = False
    proven: bool = False
    failed: bool = False
    unable: str | None = None
    """Why the pod's replacement cannot be Ready before the pod goes (no surge)."""
    deletes: bool = False
    """Whether it is handed over and then deleted, not evicted."""
    lingering: str | None = None
    """Which replaced pods are still terminating, where nothing else is to be done."""
    in_place: Way | None = None
    """The pod is not replaced but resized (RESIZE, WITHDRAW); or one that is, is waited for."""
    instead: str = ""
    """Why it is replaced, and not resized in place."""


class NextCase(Struct, frozen=True, dict=True):
    """One workload as it is `now`. What several checks need is computed once, on demand."""

    view: View
    settings: Settings
    limits: RestartLimits
    prospects: Prospects
    now: float
    deadline: Deadline = Deadline()
    terms: Terms | None = None
    """How pods are resized in place; None: they are replaced (`strategy: recreate`)."""

    @property
    def states(self) -> tuple[PodState, ...]:
        """The states of the pods that are not terminating."""
        return self.view.not_terminating

    @computed_once
    def outdated(self) -> list[PodState]:
        """Pods that the stored size is for and that do not have it; none if it has `apply: new`."""
        view, size = self.view, self.view.size
        if size is None:
            return []
        if size.apply is Apply.NEW:  # new ones are made for the default where their node is unknown
            return [s for s in view.differing if s.misplaced and s.only_resized and s.bears(size)]
        passive = modes.passive(view, self.settings) if view.differing else ()
        return [s for s in view.differing if s.outdated(passive) and not s.spared(size)]

    @computed_once
    def rewritable(self) -> list[PodState]:
        """Those of which something may have rewritten what the webhook set: not those that it gave
        the size of another kind of node, and that are resized."""
        if self.terms is None:
            return self.outdated
        return [s for s in self.outdated if not s.misplaced]

    @computed_once
    def steps(self) -> Mapping[str, Step]:
        """What is to be done about each pod that may be resized in place, by UID."""
        if self.terms is None:
            return {}
        due = {s.uid for s in self.outdated}
        cases = (ResizeCase(self.view, s, s.uid in due, self.terms) for s in self.states)
        return {c.state.uid: pod_step.step(c) for c in cases}

    def step(self, way: Way) -> tuple[PodState, Step] | None:
        """The next pod of which this is to be done."""
        found = {uid: step for uid, step in self.steps.items() if step.way is way}
        if not found:
            return None
        states = {s.uid: s for s in self.states if s.uid in found}
        first = rollout.in_order(self.view, pods(states.values()))[0].metadata.uid
        return states[first], found[first]

    @computed_once
    def replaced(self) -> list[PodState]:
        """The outdated pods that are to be replaced: all, or those that cannot be resized."""
        if self.terms is None:
            return self.outdated
        return [s for s in self.outdated if self.steps[s.uid].way is Way.REPLACE]

    @computed_once
    def down(self) -> list[PodState]:
        """Outdated pods that are down for want of the memory that they would get (oom_kills.py).

        They serve nobody, so no budget, gap or other pod that is not Ready is a reason to wait.
        """
        found = (s for s in self.replaced if oom_kills.helped(s))
        return [s for s in found if not self._protected(s)]

    @computed_once
    def in_flight(self) -> str | None:
        """A message about the replacement in progress; None: there is none."""
        view, now = self.view, self.now
        if self.down:
            starting = in_flight.starting(view, self.outdated, now, self.prospects.silent)
            return starting or backoff.undecided(view, now)
        replacing = in_flight.under_way(
            view, self.outdated, now, self.overloaded, self.prospects.silent
        )
        return replacing or backoff.undecided(view, now)

    @computed_once
    def overloaded(self) -> tuple[PodState, ...]:
        """Pods that are not Ready for want of what their replacements would have."""
        return tuple(s for s in self.replaced if not s.ready and self.prospects.overloaded(s))

    @computed_once
    def starting(self) -> str | None:
        """Which pod is not Ready yet with a size that is not `proven`; None: all are Ready."""
        if self.proven:
            return None
        return in_flight.under_way(self.view, [], self.now, silent=self.prospects.silent)

    @computed_once
    def lingering(self) -> str | None:
        """Which replaced pods are still terminating, though nobody waits for them; None: none."""
        if not self.view.terminating and not self.view.held:
            return None
        replaced = [s.pod for s in self.view.terminating if not s.current]
        found = terminating.going((*replaced, *self.view.held), self.now, lingering=True)
        return terminating.message(found, self.prospects.silent, self.now) if found else None

    @computed_once
    def proven(self) -> bool:
        """Whether all pods once ran with the stored size; one unhealthy pod does not undo that."""
        last, size = self.view.status.last_good, self.view.size
        return last is not None and size is not None and last.revision == size.revision

    @computed_once
    def free(self) -> list[objects.Pod]:
        """Outdated pods that no annotation protects; only those that are down, if there are any."""
        return pods(self.down or [s for s in self.replaced if not self._protected(s)])

    def _protected(self, one: PodState) -> str | None:
        return do_not_disrupt.why(self.view, one, self.now, self.limits.kept_nodes)

    @computed_once
    def candidate(self) -> objects.Pod | None:
        """The next pod to replace; None: no pod is outdated. One that serves nobody comes first."""
        due = rollout.in_order(self.view, self.free or pods(self.replaced))
        first = [p for p in due if p in pods(self.overloaded)]
        return next(iter(first or due), None)

    @computed_once
    def unable(self) -> str | None:
        """Why the candidate's replacement cannot be Ready before it goes; None: it can."""
        return self.prospects.unable(self.candidate) if self.candidate else None

    @computed_once
    def replacement(self) -> Sizes:
        """Sizes of the candidate's replacement, as the webhook would set them, by container."""
        return self.view.gives(self.candidate) if self.candidate else {}


def blocked(case: NextCase, reason: Reason, message: str | None) -> Next | None:
    """None if there is no message. A replacement in progress counts for the cluster's limits."""
    if not message:
        return None
    replacing = case.in_flight is not None
    return Next(None, Phase.BLOCKED, reason, message, in_flight=replacing)


def pending(message: str) -> Next:
    """A replacement is in progress, or a new size has yet to be proven."""
    return Next(None, Phase.APPLYING, Reason.PENDING_REPLACEMENT, message, in_flight=True)
