"""The loop: one snapshot, one plan for each workload, one action each; then again.

Runs each interval, and at once when something changed. Nothing is kept from one cycle to the next
that is not in the cluster as well: a scaler that is killed at any point continues where it was.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from scaler.acting import Acting
from scaler.cadence import Cadence
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.execution.actuator import Actuator
from scaler.fleet.tally import Tally
from scaler.kept_plans import KeptPlans
from scaler.memory import Memory
from scaler.model import (
    TAKES,
    HandBack,
    Plan,
)
from scaler.page.seen import Seen
from scaler.permissions import Permissions
from scaler.planning import near_nodes, plan
from scaler.planning.context import Context, Look
from scaler.recording import Recording
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.sizing.evidence import Watched
from scaler.surroundings import Surroundings
from scaler.usage.storage import Windows
from scaler.wake import Wake
from scaler.watches import Observer

logger = logging.getLogger(__name__)

_GAP = 0.05  # seconds in which a burst of changes is collected before a cycle


@dataclass
class Loop:
    """All parts that one cycle needs."""

    settings: Settings
    observer: Observer
    windows: Windows
    actuator: Actuator
    reporter: Reporter
    wake: Wake
    clock: Callable[[], float] = time.time
    permissions: Permissions = field(default_factory=Permissions)
    memory: Memory = field(default_factory=Memory)
    kept_plans: KeptPlans = field(default_factory=KeptPlans)
    recording: Recording = field(default_factory=Recording)
    seen: Seen = field(default_factory=Seen)
    """What the last cycle saw and planned, for the page."""
    near: frozenset[str] = frozenset()
    """The nodes on which something is near a decision, or under way: usage is read there often."""

    def __post_init__(self) -> None:
        self.tally = Tally(self.reporter.metrics)
        self.cadence = Cadence(self.wake, self.settings.interval)
        parts = self.settings, self.observer, self.windows, self.actuator
        self.around = Surroundings(*parts, self.permissions, self.memory)

    def run(self, stop: threading.Event) -> None:
        """Cycles until `stop` is set."""
        while not stop.is_set():
            if not self.cadence.hurry:
                self.wake.wait(self.pause)
                self._rest(stop, _GAP)
            if agents := self.around.agents:
                agents.pressed.clear()
            everything = self.cadence.begin(time.monotonic())
            try:
                self.cycle(self.clock(), everything=everything)
            except Exception:
                # The edge of the loop: whatever failed, the next cycle reads the cluster again.
                logger.exception("cycle failed")
            if not self.cadence.hurry:  # a cycle takes at most half of the time
                self._rest(stop, time.monotonic() - self.cadence.started)
        self.reporter.events.release()

    def _rest(self, stop: threading.Event, seconds: float) -> None:
        agents = self.around.agents
        (agents.pressed if agents else stop).wait(seconds)

    @property
    def pause(self) -> float:
        """Seconds until the next cycle, if nothing changes."""
        return self.cadence.pause(lacking=self.memory.lacking)

    def leave(self, now: float) -> None:
        """On a graceful stop: held pods are handed back, unless their replacement is Ready.

        A successor goes on with them (an upgrade, a node that is drained), so none is handed back.
        """
        if self.permissions.leader():
            self.recording.leave(now)
        if self.observer.missing() or self.permissions.succeeded():
            return
        look = self.memory.look(self.observer.snapshot(), now)
        context = self.around.context(look, now)
        context = replace(context, limits=replace(context.limits, paused="the scaler is stopping"))
        for view in look.views:
            planned = self._plan(view, context) if view.held else None
            if planned and isinstance(planned.action, HandBack):
                self._acting(now).carry_out(view, planned, context)

    def cycle(self, now: float, *, everything: bool = True) -> list[Plan]:
        """One cycle: observe, plan, act. `everything`: no plan of an earlier one is kept."""
        if waiting := self.observer.missing():
            logger.info("waiting for the first lists", extra={"paths": len(waiting)})
            return []
        with self.reporter.metrics.cycle.time():
            snapshot = self.observer.snapshot()
            plans = self._cycle(snapshot, now, everything=everything)
            if self.permissions.leader():
                if everything:
                    self.reporter.bystanders.report(snapshot, now)
                self.recording.record(plans, self.around.minute_of(now), now)
                self.tally.count(self.memory.views.values(), plans, now)
        self.reporter.summary(plans)
        self.seen = Seen((*self.memory.views.values(),), (*plans,), now, snapshot)
        self.reporter.metrics.last_cycle.set(now)
        return plans

    def _cycle(self, snapshot: Snapshot, now: float, *, everything: bool) -> list[Plan]:
        acting = self._acting(now)
        memory, gate = self.memory, self.memory.gate
        self.around.listen(snapshot)
        look = memory.look(snapshot, now)
        self.reporter.nodes.report(memory.kinds.problems)
        self.recording.resume(now)
        ground, news = self.around.ground(snapshot), self.windows.news()
        standing = self.kept_plans.standing(ground, look, news, everything=everything)
        again = self.kept_plans.again(look)
        memory.notice(look, again, now)
        horizon = self.settings.cycle.horizon
        if agents := self.around.agents:
            agents.count(snapshot, look.views)
        memory.remember(look, again, Watched(self.around.minute_of(now), now, horizon=horizon))
        context = self.around.context(look, now)
        plans = self._plans(look, context)
        near = near_nodes.of(again, self.kept_plans.kept, context.minute_of)
        self.near = near if everything else self.near | near
        seen = {v.workload: p.stretches for v, p in plans if id(v) not in standing}
        memory.rest(look, again, seen)
        gate.begin(plans, self.settings.ceilings, now)
        self.reporter.breaker(gate.traffic.tripped, gate.failing)
        out = []
        for view, planned in plans:
            if id(view) in standing or acting.later(planned):
                out.append(planned)  # the former waits, which was reported when it was made
                continue
            admitted = gate.admitted(view, planned, now)
            out.append(admitted or planned)
            if admitted is None:
                acting.held_back(view, planned, now)
                continue
            if self.permissions.known() or not isinstance(admitted.action, TAKES):
                acting.carry_out(view, admitted, context)
        cadence = self.cadence
        cadence.soon, cadence.hurry = acting.soon, cadence.hurry or acting.hurry
        if not acting.hurry:
            self.reporter.events.release()
        return out

    def _plans(self, look: Look, context: Context) -> list[tuple[View, Plan]]:
        return self.kept_plans.plans(look, context, self._plan)

    def _acting(self, now: float) -> Acting:
        rights, clock = self.around.rights(now), self.clock
        parts = self.actuator, self.reporter, self.permissions, self.memory
        return Acting(*parts, rights, self.wake, clock)

    def _plan(self, view: View, context: Context) -> Plan | None:
        try:
            return plan.plan(view, context)
        except Exception:
            # One workload with which something is wrong must not stop the others.
            logger.exception("no plan", extra={"workload": str(view.workload)})
            return None
