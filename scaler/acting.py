"""Carrying out what a cycle has planned: one action for each workload, and what came of it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from scaler.cluster.view import View
from scaler.execution.actuator import Actuator
from scaler.memory import Memory
from scaler.model import (
    TAKES,
    Action,
    Create,
    HandOver,
    Outcome,
    Plan,
    Resize,
    Standing,
    Wait,
    Write,
)
from scaler.permissions import Permissions
from scaler.planning import claim, recheck
from scaler.planning.context import Context
from scaler.reporting.reporter import Reporter
from scaler.status import change_log, update
from scaler.surge_rights import SurgeRights
from scaler.wake import Wake
from store.model import Phase
from store.reasons import Reason

logger = logging.getLogger(__name__)

_FIRST = 0.3
"""Seconds of storing sizes after which pods come first: with 200 due, nobody waits for the last."""
_NOTHING_DONE = Outcome(done=True)


@dataclass
class Acting:
    """The actions of one cycle. `clock`: seconds since the epoch, at the time of each action."""

    actuator: Actuator
    reporter: Reporter
    permissions: Permissions
    memory: Memory
    rights: SurgeRights
    wake: Wake
    clock: Callable[[], float]
    soon: bool = False
    """Whether something is in progress whose end no watch shows."""
    hurry: bool = False
    """Whether the next cycle follows at once: a size was stored that pods can have in place."""
    stored: float | None = None
    """When the first size of this cycle was stored, by `clock`."""

    def later(self, planned: Plan) -> bool:
        """Whether it is left to the next cycle, which then follows at once: sizes have been stored
        for a while, and their first pods come before the sizes of the rest."""
        stored = self.stored
        if stored is None or isinstance(planned.action, Wait) or self.clock() - stored < _FIRST:
            return False
        self.hurry = True
        return True

    def carry_out(self, view: View, planned: Plan, context: Context) -> Outcome:
        """Do it, unless somebody else leads by now; what fails concerns this workload alone."""
        if not self.permissions.leader():
            return Outcome(done=False, message="not the leader")
        try:
            return self._act(view, planned, context)
        except Exception:
            # The same edge: an unexpected answer, about one workload.
            logger.exception("action failed", extra={"workload": str(view.workload)})
            return Outcome(done=False, message="failed")

    def held_back(self, view: View, planned: Plan, now: float) -> None:
        """Nothing is done now. Where that is for a refusal, the status says it, whatever it said
        meanwhile: the wait may last for minutes."""
        gate = self.memory.gate
        refused = gate.pace.standing(planned.action, now, view)
        if refused is None or gate.traffic.tripped or not self.permissions.leader():
            return  # of a trial it says that the breaker stopped it
        there = view.status.phase, view.status.reason
        if there != (Phase.BLOCKED, refused.reason):
            self._blocked(view, refused, now)

    def _act(self, view: View, planned: Plan, context: Context) -> Outcome:
        uid = view.owner.metadata.uid if view.owner else ""
        if isinstance(planned.action, Wait):  # most of them: nobody is asked for anything
            self.reporter.report(planned, _NOTHING_DONE, uid, context.now)
            return _NOTHING_DONE
        outcome = self.actuator.carry_out(
            planned.action,
            lambda pods: self.permissions.leader() and recheck.still(view, planned, context, pods),
            lambda status: change_log.dated(status, view.status, self.clock()),
        )
        outcome = self._came_of(view, planned.action, outcome, self.clock())
        if outcome.done and claim.stores_size(view, planned.action):
            self.stored = self.clock() if self.stored is None else self.stored
            self.reporter.events.hold()  # until all are stored, and pods have what they can at once
            self.hurry = self.hurry or claim.in_place(view)
        self.reporter.report(planned, outcome, uid, context.now)
        refused = isinstance(planned.action, Resize) and outcome.reason is not None
        done = isinstance(planned.action, (*TAKES, Create, Write)) and outcome.done
        if done or refused:
            self.wake.set()  # what was refused in place is replaced, now
        self.soon = self.soon or outcome.soon
        instead = isinstance(planned.action, HandOver) and outcome.reason is Reason.REFUSED
        if outcome.reason is not None and not outcome.unwritten and not instead:
            self._blocked(view, outcome, self.clock())
        return outcome

    def _came_of(self, view: View, action: Action, outcome: Outcome, now: float) -> Outcome:
        refused = outcome.reason is Reason.REFUSED
        if isinstance(action, HandOver) and not outcome.done:
            no_surge = self.rights.no_surge(view.workload.namespace)
            if refused or no_surge:
                self.wake.set()  # it is evicted instead, now
            if no_surge and not refused:
                return outcome
        return self.memory.gate.came_of(view, action, outcome, now)

    def _blocked(self, view: View, outcome: Outcome, now: float) -> None:
        """Write into the status what kept an action from being done, once.

        The plan says a refusal that is there already in words of its own while it waits.
        """
        podsize = self.actuator.store.get(view.workload) or view.podsize
        if podsize is None or outcome.reason is None:
            return
        standing = Standing(Phase.BLOCKED, outcome.reason, outcome.message)
        there = podsize.status.phase is Phase.BLOCKED and podsize.status.reason is outcome.reason
        if there and self.memory.gate.pace.surge_refused(view, now):
            return
        if podsize.status.phase is Phase.BLOCKED and outcome.message in podsize.status.message:
            return  # it says that already, and what stands in the way of the other way
        action = update.written(view, podsize, podsize.status, standing, now)
        pace = self.memory.gate.pace
        if pace.early(action, now, view):
            return
        outcome = self.actuator.carry_out(action, lambda pods: False)
        if outcome.unwritten:
            pace.refused(action, now, outcome, view)
