"""A limit that is pinned on a slow node says so: a CPU that is held back makes it too small. Pure.

| a decision                                               | its message                           |
| -------------------------------------------------------- | ------------------------------------- |
| on CPU, of a container with a limit that a pod of the    | names the node, and what slows it     |
| workload has reached, on a node that is slowed now       | (agents/heat.py)                      |
| on anything else                                         | stays                                 |

A pod has reached its limit by the rule of `double` (contract): 90 % of it as the mean of a minute,
throttled in most periods of that, or its agent has said so a moment ago. What is decided is the
same with heat and without.
"""

from msgspec.structs import replace

from scaler.agents import heat
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.model import Decision
from scaler.policies.double import THRESHOLD
from scaler.policies.quiet import throttled
from scaler.sizing.evidence import Watched
from scaler.usage.window import Minute


def said(decisions: tuple[Decision, ...], view: View, watched: Watched) -> tuple[Decision, ...]:
    """The decisions, by the table."""
    slow = {} if watched.heat_of is heat.unknown else _slow(view, watched)
    if not slow:
        return decisions
    return tuple(
        replace(d, message=d.message + words) if (words := _words(d, view, watched, slow)) else d
        for d in decisions
    )


def _slow(view: View, watched: Watched) -> dict[str, str]:
    """Those of its nodes that are slowed, and why."""
    nodes = {state.pod.spec.node_name for state in view.not_terminating}
    found = ((n, heat.slowed(watched.heat_of(n))) for n in sorted(n for n in nodes if n))
    return {node: why for node, why in found if why}


def _words(decision: Decision, view: View, watched: Watched, slow: dict[str, str]) -> str:
    if decision.resource != "cpu":
        return ""
    for state in view.not_terminating:
        node = state.pod.spec.node_name
        if node in slow and _pinned(state, decision.container, watched):
            return heat.sentence(node, slow[node])
    return ""


def _pinned(state: PodState, name: str, watched: Watched) -> bool:
    limit = state.actual[name].limits.cpu if name in state.actual else None
    if not limit:
        return False
    minute = watched.minute_of(state.pod, name)
    if isinstance(minute, Minute) and (minute.mean >= THRESHOLD * limit or throttled(minute)):
        return True
    return watched.pinned_of(state.pod, name) is not None
