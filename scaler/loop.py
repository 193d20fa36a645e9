"""The loop: one snapshot, one plan for each workload, one action each; then again.

Runs each interval, and at once when something changed. Nothing is kept from one cycle to the next
that is not in the cluster as well: a scaler that is killed at any point continues where it was.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial

from msgspec.structs import replace

from scaler.acting import Acting
from scaler.agents import heat
from scaler.cluster.snapshot import Snapshot
from scaler.cluster.view import View
from scaler.execution.actuator import Actuator
from scaler.fleet.tally import Tally
from scaler.health import unmade_pods
from scaler.kept_plans import KeptPlans
from scaler.memory import Memory
from scaler.model import (
    TAKES,
    HandBack,
    Outcome,
    Plan,
)
from scaler.node_agents import NodeAgents
from scaler.page.seen import Seen
from scaler.permissions import Permissions
from scaler.planning import context as planning
from scaler.planning import near_nodes, plan
from scaler.planning.context import Context, Look
from scaler.planning.kept import Ground
from scaler.recording import Recording
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf, Watched
from scaler.sizing.pinned_pods import nothing
from scaler.surge_rights import ResizeRights, SurgeRights
from scaler.usage import at_rest
from scaler.usage.storage import Windows
from scaler.wake import Wake
from scaler.watches import Observer

logger = logging.getLogger(__name__)

_GAP = 0.05  # seconds in which a burst of changes is collected before a cycle
_NOTHING_DONE = Outcome(done=True)
_SOON = 0.2  # seconds until a pod that is about to be gone is checked again


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
    agents: NodeAgents | None = None
    """None: there are none."""
    soon: bool = False
    """Whether something is in progress whose end no watch shows."""
    hurry: bool = False
    """Whether the next cycle follows at once: a size was stored that pods can have in place."""
    started: float = -float("inf")
    """Monotonic seconds at which the last cycle began."""
    full: float = -float("inf")
    """The same of the last one that kept no plan."""
    near: frozenset[str] = frozenset()
    """The nodes on which something is near a decision, or under way: usage is read there often."""

    def __post_init__(self) -> None:
        self.tally = Tally(self.reporter.metrics)

    def run(self, stop: threading.Event) -> None:
        """Cycles until `stop` is set."""
        while not stop.is_set():
            if not self.hurry:
                self.wake.wait(self.pause)
                self._rest(stop, _GAP)
            if self.agents:
                self.agents.pressed.clear()
            self.started = time.monotonic()
            everything = self.concerns_all(self.started)
            self.hurry = False
            try:
                self.cycle(self.clock(), everything=everything)
            except Exception:
                # The edge of the loop: whatever failed, the next cycle reads the cluster again.
                logger.exception("cycle failed")
            if not self.hurry:  # a cycle takes at most half of the time
                self._rest(stop, time.monotonic() - self.started)
        self.reporter.events.release()

    def _rest(self, stop: threading.Event, seconds: float) -> None:
        (self.agents.pressed if self.agents else stop).wait(seconds)

    def leave(self, now: float) -> None:
        """On a graceful stop: held pods are handed back, unless their replacement is Ready.

        A successor goes on with them (an upgrade, a node that is drained), so none is handed back.
        """
        if self.permissions.leader():
            self.recording.leave(now)
        if self.observer.missing() or self.permissions.succeeded():
            return
        look = self.memory.look(self.observer.snapshot(), now)
        context = self._context(look, now)
        context = replace(context, limits=replace(context.limits, paused="the scaler is stopping"))
        for view in look.views:
            planned = self._plan(view, context) if view.held else None
            if planned and isinstance(planned.action, HandBack):
                self._acting(now).carry_out(view, planned, context)

    def concerns_all(self, at: float) -> bool:
        """Whether a cycle that begins `at` (monotonic seconds) decides on every workload.

        Unless a watch, or usage of some nodes, alone has woken it, and the last one that did is not
        as long ago as nodes at rest are read.
        """
        watched, rest = (
            self.wake.is_set() and not self.hurry,
            at_rest.seconds(self.settings.interval),
        )
        everything = self.wake.taken() or not watched or at - self.full >= rest
        self.full = at if everything else self.full
        return everything

    @property
    def pause(self) -> float:
        """Seconds until the next cycle, if nothing changes."""
        interval = self.settings.interval
        if self.soon:
            return min(_SOON, interval)
        return min(unmade_pods.LOOK_AGAIN, interval) if self.memory.lacking else interval

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
                self.recording.record(plans, self.minute_of(now), now)
                self.tally.count(self.memory.views.values(), plans, now)
        self.reporter.summary(plans)
        self.seen = Seen((*self.memory.views.values(),), (*plans,), now, snapshot)
        self.reporter.metrics.last_cycle.set(now)
        return plans

    def _cycle(self, snapshot: Snapshot, now: float, *, everything: bool) -> list[Plan]:
        acting = self._acting(now)
        memory, gate = self.memory, self.memory.gate
        self._hear(snapshot)
        look = memory.look(snapshot, now)
        self.reporter.nodes.report(memory.kinds.problems)
        self.recording.resume(now)
        ground, news = self._ground(snapshot), self.windows.news()
        standing = self.kept_plans.standing(ground, look, news, everything=everything)
        again = self.kept_plans.again(look)
        memory.notice(look, again, now)
        horizon = self.settings.cycle.horizon
        if self.agents:
            self.agents.count(snapshot, look.views)
        memory.remember(look, again, Watched(self.minute_of(now), now, horizon=horizon))
        context = self._context(look, now)
        plans = self._plans(look, context)
        near = near_nodes.of(again, self.kept_plans.kept, context.minute_of)
        self.near = near if everything else self.near | near
        seen = {v.workload: p.stretches for v, p in plans if id(v) not in standing}
        memory.rest(look, again, seen)
        gate.begin(plans, self.settings.ceilings, now)
        self.reporter.breaker(gate.traffic.tripped, gate.failing)
        out = []
        for view, planned in plans:
            if id(view) in standing:
                out.append(planned)  # it waits, which was reported when it was made
                continue
            admitted = gate.admitted(view, planned, now)
            out.append(admitted or planned)
            if admitted is None:
                acting.held_back(view, planned, now)
                continue
            if self.permissions.known() or not isinstance(admitted.action, TAKES):
                acting.carry_out(view, admitted, context)
        self.soon, self.hurry = acting.soon, self.hurry or acting.hurry
        if not acting.hurry:
            self.reporter.events.release()
        return out

    def _hear(self, snapshot: Snapshot) -> None:
        """With whose change a wait after a refusal ends."""
        pace, hands = self.memory.gate.pace, self.actuator.hands
        pace.rules = self.observer.rules.edition
        pace.webhook = cache(partial(self._replicas, snapshot))  # once a cycle, if at all
        if hands:
            hands.rights_policy.rules = lambda namespace: self.observer.rules.edition(namespace)[0]

    def _replicas(self, snapshot: Snapshot) -> frozenset[str]:
        """Pods of podtailor itself that are Ready, by UID."""
        ours = (p for (space, _), p in snapshot.pods.items() if space == self.settings.namespace)
        return frozenset(p.metadata.uid for p in ours if p.ready)

    def _ground(self, snapshot: Snapshot) -> Ground:
        options, allowed = self.settings.cycle, self.permissions
        stopped = planning.stopped_by(snapshot, options.own, dry_run=options.dry_run)
        return Ground(snapshot, stopped, allowed.webhook(), allowed.repaired())

    def _plans(self, look: Look, context: Context) -> list[tuple[View, Plan]]:
        return self.kept_plans.plans(look, context, self._plan)

    def _context(self, look: Look, now: float) -> Context:
        rights = self._rights(now)
        return replace(
            planning.of(look, self.settings.cycle, self.minute_of(now), now),
            admits=self.permissions.admits,
            webhook=self.permissions.webhook(),
            no_surge=rights.switched_off,
            barred=rights.barred,
            unresizable=ResizeRights(self.settings.resize, self.memory.gate.pace, now).refused,
            refused=rights.refused,
            stretches=self.memory.stretches,
            long=self.memory.long,
            starts=self.memory.starts,
            missing=self.memory.missing,
            rejected=self.memory.rejected,
            startups=self.memory.startups,
            repaired=self.permissions.repaired(),
            there=self.memory.gate.taken.there,
            pinned_of=self.agents.pinned_of(now) if self.agents else nothing,
            heat_of=self.agents.heat_of(now) if self.agents else heat.unknown,
        )

    def minute_of(self, now: float) -> MinuteOf:
        """Of each container the newest minute, as of `now` (seconds since the epoch)."""
        usual = partial(self.windows.minute, now=now)
        return self.agents.minute_of(usual, now) if self.agents else usual

    def _rights(self, now: float) -> SurgeRights:
        hands = self.actuator.hands if self.settings.surge else None
        return SurgeRights(hands, self.memory.gate.pace, now)

    def _acting(self, now: float) -> Acting:
        rights, clock = self._rights(now), self.clock
        parts = self.actuator, self.reporter, self.permissions, self.memory
        return Acting(*parts, rights, self.wake, clock)

    def _plan(self, view: View, context: Context) -> Plan | None:
        try:
            return plan.plan(view, context)
        except Exception:
            # One workload with which something is wrong must not stop the others.
            logger.exception("no plan", extra={"workload": str(view.workload)})
            return None
