"""What is said of the node agents for one workload, of the heat of its nodes, and of what bursts it
has left. Pure.

| a node of its pods                                        | is said to be                        |
| --------------------------------------------------------- | ------------------------------------ |
| its agent has said something in the last SILENT seconds   | reported on                          |
| longer ago                                                | silent, since when                   |
| never, since this scaler began                            | not reported on                      |
| its agent knows its clocks or its heat                    | so fast in the last minute, whether  |
|                                                           | or not the workload asks for bursts  |

Only the running scaler hears agents: who explains beside it says so.
"""

from collections.abc import Callable

from msgspec import Struct

from kube import timestamps
from scaler.agents import heat
from scaler.agents.heat import HeatOf
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.policies import burst

SILENT = 25.0
"""Seconds without a word: an agent says every ten that it lives."""

LastSaid = Callable[[str], float | None]
"""When a node's agent last said anything, in seconds since the epoch; None: never."""
_ELSEWHERE = "whether agents tell of its nodes is known to the running scaler: see its page"


class Known(Struct, frozen=True):
    """What the scaler knows by its agents; `last_said` None: nobody here hears any."""

    last_said: LastSaid | None = None
    heat_of: HeatOf = heat.unknown


def said(view: View, known: Known, now: float, bursts: int) -> list[str]:
    """One sentence for each node, and for each container that may be raised at once.

    Where none may, of nodes of which clocks or heat are known. `bursts`: in ten minutes.
    """
    settings = view.settings
    if not isinstance(settings, Settings):
        return []
    names = [n for n in _containers(view) if settings.container(n).burst]
    nodes = sorted({s.pod.spec.node_name for s in view.not_terminating if s.pod.spec.node_name})
    if not names:
        return [f"{n}: {heat.shown(found)}" for n in nodes if (found := known.heat_of(n))]
    last_said = known.last_said
    lines = (
        [_ELSEWHERE] if last_said is None else [_node(n, known, last_said(n), now) for n in nodes]
    )
    return lines + [_left(view, name, now, bursts) for name in names]


def _containers(view: View) -> list[str]:
    return [*{name: None for state in view.not_terminating for name in state.actual}]


def _node(name: str, known: Known, at: float | None, now: float) -> str:
    if at is None:
        return f"{name}: no agent tells of it, so its minutes decide"
    if now - at > SILENT:
        return f"{name}: its agent is silent since {timestamps.text(at)}, so its minutes decide"
    return f"{name}: its agent tells of it; {heat.shown(known.heat_of(name))}"


def _left(view: View, name: str, now: float, bursts: int) -> str:
    times = burst.raised(view.status.changes, name, now)
    left = max(0, bursts - times)
    return f"{name}: raised {times} times in ten minutes, {left} of {bursts} bursts are left"
