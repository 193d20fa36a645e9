"""Everything that the scaler asks about one workload, in the order in which it asks. Pure.

The cases and the checks are those of the loop itself, so this cannot say anything else than what
the loop would do with the same snapshot and the same usage.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from scaler.checks import Checks
from scaler.cluster import terminating
from scaler.cluster.view import View
from scaler.disruption.cluster_limits import ClusterLimits
from scaler.model import TAKES, Decision, Plan, Resize, Wait, Write
from scaler.planning import apply, apply_case, plan, surge_step
from scaler.planning.apply_case import ApplyCase
from scaler.planning.cluster_gate import Turns
from scaler.planning.context import Context
from scaler.planning.frozen import stopped
from scaler.planning.plan_case import PlanCase
from scaler.replacement import held_pod, next_pod
from scaler.replacement.candidate import Next
from scaler.replacement.held_case import HeldCase, Step
from store import amounts
from store.model import Sizes

DEFAULT = ClusterLimits()
Case = TypeVar("Case")
Outcome = TypeVar("Outcome")


class Asked(Struct, frozen=True):
    """One check. `answer`: in words; None: it has none. `decides`: it is the first that has one."""

    check: str
    purpose: str
    answer: str | None
    decides: bool


class Chain(Struct, frozen=True):
    """One list of checks, all of them asked."""

    title: str
    checks: list[Asked]

    @property
    def decisive(self) -> str:
        """The name of the check that decides."""
        return next(one.check for one in self.checks if one.decides)


class Wanted(Struct, frozen=True):
    """What was decided on one resource of a container; `to` None: it stays as it is."""

    container: str
    resource: str
    size: str | None
    to: str | None
    reason: str
    message: str


class Explained(Struct, frozen=True):
    """`reason` and `message` are those of the status; None: nothing is done, and nothing said."""

    chains: list[Chain]
    decisions: list[Wanted]
    acts: bool
    action: str
    reason: str | None
    message: str


def explained(
    view: View, context: Context, views: Sequence[View] = (), ceilings: ClusterLimits = DEFAULT
) -> Explained:
    """All of it; `views`: all workloads, which share the limits for the cluster.

    Raises ValueError on a quantity that cannot be read.
    """
    case = PlanCase(view, context)
    chains, decided = [_chain(plan.CHECKS, case)], None
    if chains[0].decisive == "held":
        chains.append(_chain(held_pod.CHECKS, _held(view, context)))
    elif chains[0].decisive == "sized":
        decided = plan.apply_case(case)
    if decided is not None:
        chains.append(_chain(apply.CHECKS, decided))
    if decided is not None and chains[-1].decisive == "pods_and_status":
        chains.append(_chain(next_pod.CHECKS, apply_case.next_case(_following(decided))))
    found = plan.plan(view, context)
    if found is not None and isinstance(found.action, (*TAKES, Resize)):
        chain, found = _gate(view, found, context, (views, ceilings))
        chains.append(chain)
    wanted = [] if decided is None else _decisions(decided)
    if found is None:
        return Explained(chains, wanted, False, "nothing", None, "")
    standing, (acts, action) = found.standing, _action(view, found)
    return Explained(chains, wanted, acts, action, str(standing.reason), standing.message)


def _gate(
    view: View, found: Plan, context: Context, limits: tuple[Sequence[View], ClusterLimits]
) -> tuple[Chain, Plan]:
    """What the limits for the cluster say, and the plan that is left."""
    views, ceilings = limits
    plans = [(v, p) for v in views if (p := plan.plan(v, context))]
    turns = Turns()
    turns.begin(plans, ceilings, context.now)
    left = turns.admitted(view, found, context.now) or found
    stopped = left.action is not found.action
    answer = f"{left.standing.reason}: {left.standing.message}" if stopped else "it may"
    asked = Asked("cluster_gate", "The limits for the cluster (cluster_gate.py).", answer, True)
    return Chain("May one more pod of the cluster be replaced now", [asked]), left


def _decisions(case: ApplyCase) -> list[Wanted]:
    parts = case.decided.each
    return [_wanted(one, part.before or {}) for part in parts for one in part.decisions]


def _following(case: ApplyCase) -> ApplyCase:
    """As apply.py asks which pod is next."""
    return case.kept if case.stopped else case


def _held(view: View, context: Context) -> HeldCase:
    held = tuple(p for p in view.held if not terminating.lingers(p, context.now))
    return surge_step.held_case(replace(view, held=held), context, stopped(view, context))


def _chain(checks: Checks[Case, Outcome], case: Case) -> Chain:
    purposes = checks.purposes()
    found: list[Asked] = []
    for name, outcome in checks.each(case):
        decides = outcome is not None and not any(one.decides for one in found)
        answer = None if outcome is None else _words(outcome)
        found.append(Asked(name, purposes[name], answer, decides))
    return Chain(checks.title, found)


def _words(outcome: object) -> str:
    """What a check answers, as one sentence."""
    if isinstance(outcome, Plan):
        return f"{outcome.standing.reason}: {outcome.standing.message}"
    if isinstance(outcome, Next):
        said = outcome.message or "nothing is to be done"
        return f"{outcome.reason}: {said}" if outcome.reason else said
    if isinstance(outcome, Step):
        return f"{outcome.way.value}: {outcome.why}"
    return "nothing is done, and nothing is reported" if isinstance(outcome, Enum) else str(outcome)


def _wanted(one: Decision, sizes: Sizes) -> Wanted:
    now = amounts.text(sizes.get(one.container), one.resource)
    to = amounts.text(one.target, one.resource) if one.target else None
    return Wanted(one.container, one.resource, now, to, str(one.reason), one.message)


def _action(view: View, found: Plan) -> tuple[bool, str]:
    """Whether anything but the status would change, and what."""
    action = found.action
    if isinstance(action, Wait):
        return False, "nothing"
    if isinstance(action, Write):
        if action.status.size == view.size:
            return False, "write the status"
        return True, "store a size: " + ", ".join(_sizes(action))
    pod = getattr(action, "pod", None)
    what = type(action).__name__
    return True, f"{what} {pod}" if pod else f"{what} the PodSize"


def _sizes(action: Write) -> Iterator[str]:
    size = action.status.size
    if size is None or not size.containers:
        yield "the manifest's"
    if size is None:
        return
    lists = (("", size.containers), *((f"on {c.name}: ", c.containers) for c in size.classes))
    for where, containers in lists:
        if where and not containers:
            yield f"{where}the manifest's"
        for one in containers:
            of = ((r, amounts.text(one.size, r)) for r in amounts.RESOURCES)
            values = " ".join(f"{resource} {text}" for resource, text in of if text)
            yield f"{where}{one.name} {values}"
