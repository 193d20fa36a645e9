"""The loop: one snapshot, one verdict for each workload, one action each; then again.

Runs each interval, and at once when something changed. Nothing is remembered from one cycle to the
next that is not also in the cluster: a scaler that is killed at any point goes on where it stood.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.execution.actuator import Actuator
from scaler.memory import Memory
from scaler.model import (
    TAKES,
    Create,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Standing,
    Take,
    Verdict,
    Write,
)
from scaler.permissions import Permissions
from scaler.planning import context as planning
from scaler.planning import plan, recheck
from scaler.planning.context import NO_SURGE, Context, Look
from scaler.policies import quiet
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf
from scaler.status import change_log, update
from scaler.usage.storage import Windows
from scaler.watches import Observer
from store.model import Phase

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
    permissions: Permissions = field(default_factory=Permissions)
    memory: Memory = field(default_factory=Memory)
    soon: bool = False
    """Whether something is under way of which no watch tells."""
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
        look = self.memory.look(self.observer.snapshot())
        context = self._context(look, now)
        context = replace(context, limits=replace(context.limits, paused="the scaler stops"))
        for seen in look.views:
            verdict = self._verdict(seen, context) if seen.held else None
            if verdict and isinstance(verdict.action, HandBack):
                self._acted(seen, verdict, context)

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
        memory, gate = self.memory, self.memory.gate
        look = memory.look(snapshot)
        context = self._context(look, now)
        verdicts = [(v, told) for v in look.views if (told := self._verdict(v, context))]
        news = {seen.workload: v.stretches for seen, v in verdicts}
        memory.stretches = quiet.remembered(memory.stretches, news)
        gate.begin(verdicts, self.settings.ceilings, now)
        self.reporter.breaker(gate.traffic.tripped)
        carried = []
        for seen, verdict in verdicts:
            turn = gate.verdict(seen, verdict, now)
            carried.append(turn or verdict)
            known = turn and (self.permissions.known() or not isinstance(turn.action, TAKES))
            if turn is not None and known:
                self._acted(seen, turn, context)
        return carried

    def _context(self, look: Look, now: float) -> Context:
        return replace(
            planning.of(look, self.settings.cycle, self._minute_of(now), now),
            admits=self.permissions.admits,
            webhook=self.permissions.webhook(),
            unfenced=self._unfenced(),
            stretches=self.memory.stretches,
            there=self.memory.gate.taken.there,
        )

    def _minute_of(self, now: float) -> MinuteOf:
        return partial(self.windows.minute, now=now)

    def _unfenced(self) -> str | None:
        """Why no pod may be handed over."""
        hands = self.actuator.hands
        if not self.settings.surge or hands is None:
            return NO_SURGE
        return hands.fence.problem()

    def _verdict(self, seen: View, context: Context) -> Verdict | None:
        try:
            return plan.plan(seen, context)
        except Exception:
            # One workload that we do not understand must not stop the others.
            logger.exception("no verdict", extra={"workload": str(seen.workload)})
            return None

    def _acted(self, seen: View, verdict: Verdict, context: Context) -> Outcome:
        if not self.permissions.leader():
            return Outcome(done=False, message="not the leader")
        try:
            return self._act(seen, verdict, context)
        except Exception:
            # The same edge: an answer that we do not understand, about one workload.
            logger.exception("action failed", extra={"workload": str(seen.workload)})
            return Outcome(done=False, message="failed")

    def _act(self, seen: View, verdict: Verdict, context: Context) -> Outcome:
        action = verdict.action
        if isinstance(action, Write):
            dated = change_log.dated(action.status, seen.status, self.clock())
            action = replace(action, status=dated)
        outcome = self.actuator.carry_out(
            action,
            lambda pods: self.permissions.leader() and recheck.still(seen, verdict, context, pods),
        )
        uid = seen.owner.metadata.uid if seen.owner else ""
        if isinstance(verdict.action, TAKES):
            outcome = self._came_of(seen, verdict.action, outcome, context.now)
        self.reporter.verdict(verdict, outcome, uid, context.now)
        if isinstance(verdict.action, Write | Create | Evict | HandOver) and outcome.done:
            self.wake.set()
        self.soon = self.soon or outcome.soon
        if outcome.reason is not None:
            self._blocked(seen, outcome, context.now)
        return outcome

    def _came_of(self, seen: View, action: Take, outcome: Outcome, now: float) -> Outcome:
        if isinstance(action, HandOver) and not outcome.done and self._unfenced():
            self.wake.set()  # it is evicted instead, now
            return outcome
        return self.memory.gate.came_of(seen, action, outcome, now)

    def _blocked(self, seen: View, outcome: Outcome, now: float) -> None:
        """What stood in the way of an action goes into the status, once."""
        podsize = self.actuator.store.get(seen.workload) or seen.podsize
        if podsize is None or outcome.reason is None:
            return
        told = Standing(Phase.BLOCKED, outcome.reason, outcome.message)
        action = update.written(seen, podsize, podsize.status, told, now)
        self.actuator.carry_out(action, lambda pods: False)
