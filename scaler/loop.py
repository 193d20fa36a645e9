"""The loop: one snapshot, one verdict for each workload, one action each; then again.

Runs each interval, and at once when something changed. Nothing is remembered from one cycle to the
next that is not also in the cluster: a scaler that is killed at any point goes on where it stood.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from scaler.annotations.options import Bounds
from scaler.cluster import view
from scaler.cluster.snapshot import NOTHING, Snapshot, index
from scaler.cluster.view import View
from scaler.disruption.circuit_breaker import Terms
from scaler.disruption.cluster_limits import Ceilings
from scaler.execution.actuator import Actuator
from scaler.feasibility.quota_usage import quotas_on
from scaler.feasibility.rescheduling import Nodes
from scaler.health.startup_deadline import Deadline
from scaler.model import (
    TAKES,
    Create,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Standing,
    Stretches,
    Take,
    Verdict,
    Write,
)
from scaler.planning import plan
from scaler.planning.cluster_gate import Turns
from scaler.planning.context import NO_SURGE, stopped_by
from scaler.policies import quiet
from scaler.policies.quiet import Patience
from scaler.replacement.candidate import Limits
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.status import change_log, update
from scaler.usage.storage import Windows
from scaler.watches import Observer
from store.model import Phase, Workload

logger = logging.getLogger(__name__)

_GAP = 0.05  # seconds that a burst of changes is let gather before a cycle
_SOON = 0.2  # seconds until a pod that is about to go is looked at again


@dataclass
class Loop:
    """All parts that one cycle needs."""

    settings: Settings
    observer: Observer
    windows: Windows
    actuator: Actuator
    reporter: Reporter
    wake: threading.Event
    clock: Callable[[], float] = time.time
    fenced: Callable[[], bool] = lambda: True
    """Whether we may act at all (the Lease)."""
    webhook: Callable[[], str | None] = lambda: None
    """Why the API server cannot ask the webhook, as far as its configuration tells."""
    admits: Callable[[View], str | None] = lambda seen: None
    """Why the webhook's configuration leaves this workload's pods out."""
    known: Callable[[], bool] = lambda: True
    """Whether the webhook's configuration has been looked at: no pod is taken before."""
    turns: Turns = field(default_factory=Turns)
    soon: bool = False
    """Whether something is under way of which no watch tells."""
    stretches: Mapping[Workload, Stretches] = field(default_factory=dict)
    """How long containers have been quiet: what a restart loses of it, it reads again."""
    snapshot: Snapshot = NOTHING
    """As of the last cycle, with what follows from it alone."""
    views: view.Views = field(default_factory=dict)
    nodes: Nodes = field(default_factory=lambda: Nodes(NOTHING))
    started: float = -float("inf")
    """Monotonic seconds at which the last cycle began."""

    def run(self, stop: threading.Event) -> None:
        """Cycles until `stop` is set."""
        while not stop.is_set():
            self.wake.wait(self.pause)
            stop.wait(_GAP)
            self.wake.clear()
            self.started = time.monotonic()
            try:
                self.cycle(self.clock())
            except Exception:
                # The edge of the loop: whatever it is, the next cycle starts from the cluster.
                logger.exception("cycle failed")
            stop.wait(time.monotonic() - self.started)  # at most half of our time is spent here

    def leave(self, now: float) -> None:
        """Before we end in order: what is held goes back, unless its replacement is Ready."""
        if self.observer.missing():
            return
        snapshot = self.observer.snapshot()
        self._look(snapshot)
        views = [*self.views.values()]
        around = self._around(snapshot, views, now)
        around = replace(around, limits=replace(around.limits, paused="the scaler stops"))
        for seen in views:
            verdict = self._verdict(seen, around) if seen.held else None
            if verdict and isinstance(verdict.action, HandBack):
                self._acted(seen, verdict, around)

    @property
    def pause(self) -> float:
        """Seconds until the next cycle, if nothing changes."""
        return min(_SOON, self.settings.interval) if self.soon else self.settings.interval

    def cycle(self, now: float) -> list[Verdict]:
        """One look and what follows from it."""
        if waiting := self.observer.missing():
            logger.info("waiting for the first lists", extra={"paths": len(waiting)})
            return []
        with self.reporter.metrics.cycle.time():
            verdicts = self._cycle(self.observer.snapshot(), now)
        self.reporter.summary(verdicts)
        self.reporter.metrics.last_cycle.set(now)
        return verdicts

    def _cycle(self, snapshot: Snapshot, now: float) -> list[Verdict]:
        self.soon = False
        self._look(snapshot)
        views = [*self.views.values()]
        around = self._around(snapshot, views, now)
        verdicts = [(v, told) for v in views if (told := self._verdict(v, around))]
        news = {seen.workload: v.stretches for seen, v in verdicts}
        self.stretches = quiet.remembered(self.stretches, news)
        self.turns.begin(verdicts, self._ceilings(), now)
        self.reporter.breaker(self.turns.traffic.tripped)
        carried = []
        for seen, verdict in verdicts:
            turn = self.turns.verdict(seen, verdict, now)
            carried.append(turn or verdict)
            if turn is not None and (self.known() or not isinstance(turn.action, TAKES)):
                self._acted(seen, turn, around)
        return carried

    def _look(self, snapshot: Snapshot) -> None:
        if snapshot is self.snapshot:
            return
        self.views = {v.workload: v for v in view.views(index(snapshot), self.views)}
        self.nodes = Nodes.of(snapshot, self.nodes)
        self.snapshot = snapshot

    def _ceilings(self) -> Ceilings:
        given = self.settings
        terms = Terms(given.breaker_workloads, given.breaker_window, given.breaker_pause)
        return Ceilings(given.in_flight, given.cluster_per_hour, terms)

    def _around(self, snapshot: Snapshot, views: list[View], now: float) -> plan.Around:
        own = (self.settings.namespace, self.settings.deployment)
        stopped = stopped_by(snapshot, own, dry_run=self.settings.dry_run)
        maxima = Bounds(cpu_max=self.settings.cpu_max, memory_max=self.settings.memory_max)
        return plan.Around(
            now=now,
            minute_of=lambda pod, container: self.windows.minute(pod, container, now),
            obstacle=self.nodes.obstacle,
            quota=quotas_on(snapshot, views),
            quota_now=quotas_on(snapshot, views, now=True),
            quota_beside=quotas_on(snapshot, views, beside=True),
            admits=self.admits,
            maxima=maxima,
            webhook=self.webhook(),
            unfenced=self._unfenced(),
            limits=Limits(self.settings.restarts_per_hour, stopped, self.settings.dry_run),
            places=self.nodes.places(),
            deadline=Deadline(self.settings.deadline_shortest, self.settings.deadline_longest),
            patience=Patience(self.settings.halve_quiet, self.settings.halve_below / 100),
            stretches=self.stretches,
            there=self.turns.taken.there,
        )

    def _unfenced(self) -> str | None:
        """Why no pod may be handed over."""
        hands = self.actuator.hands
        if not self.settings.surge or hands is None:
            return NO_SURGE
        return hands.fence.problem()

    def _verdict(self, seen: View, around: plan.Around) -> Verdict | None:
        try:
            return plan.plan(seen, around)
        except Exception:
            # One workload that we do not understand must not stop the others.
            logger.exception("no verdict", extra={"workload": str(seen.workload)})
            return None

    def _acted(self, seen: View, verdict: Verdict, around: plan.Around) -> Outcome:
        if not self.fenced():
            return Outcome(done=False, message="not the leader")
        try:
            return self._act(seen, verdict, around)
        except Exception:
            # The same edge: an answer that we do not understand, about one workload.
            logger.exception("action failed", extra={"workload": str(seen.workload)})
            return Outcome(done=False, message="failed")

    def _act(self, seen: View, verdict: Verdict, around: plan.Around) -> Outcome:
        action = verdict.action
        if isinstance(action, Write):
            dated = change_log.dated(action.status, seen.status, self.clock())
            action = replace(action, status=dated)
        outcome = self.actuator.carry_out(
            action, lambda pods: self.fenced() and plan.still(seen, verdict, around, pods)
        )
        uid = seen.owner.metadata.uid if seen.owner else ""
        if isinstance(verdict.action, TAKES):
            outcome = self._came_of(seen, verdict.action, outcome, around.now)
        self.reporter.verdict(verdict, outcome, uid, around.now)
        if isinstance(verdict.action, Write | Create | Evict | HandOver) and outcome.done:
            self.wake.set()
        self.soon = self.soon or outcome.soon
        if outcome.reason is not None:
            self._blocked(seen, outcome, around.now)
        return outcome

    def _came_of(self, seen: View, action: Take, outcome: Outcome, now: float) -> Outcome:
        if isinstance(action, HandOver) and not outcome.done and self._unfenced():
            self.wake.set()  # it is evicted instead, now
            return outcome
        return self.turns.came_of(seen, action, outcome, now)

    def _blocked(self, seen: View, outcome: Outcome, now: float) -> None:
        """What stood in the way of an action goes into the status, once."""
        podsize = self.actuator.store.get(seen.workload) or seen.podsize
        if podsize is None or outcome.reason is None:
            return
        told = Standing(Phase.BLOCKED, outcome.reason, outcome.message)
        action = update.written(seen, podsize, podsize.status, told, now)
        self.actuator.carry_out(action, lambda pods: False)
