"""What node agents say of a workload's pods, as far as it counts for a container's size. Pure.

| a pod of the workload                                       | its agent's message counts      |
| ----------------------------------------------------------- | ------------------------------- |
| the container has no `podtailor.io/burst: "on"`             | no                              |
| does not contribute (evidence.py), or is terminating        | no                              |
| has no message, or an old one (agents/reports.py)           | no                              |
| was pinned at another limit than the container has now      | no: it was before the last step |
| was pinned, or began to be, before its CPU was last changed | no: it may be from before that  |
| is not Ready, and runs for less than a minute               | no: it is starting              |
| burns CPU in its start-up, as was learnt (start_up.py)      | no, for as long as that takes   |
| otherwise                                                   | yes, in the place of its minute |

The kernel may round a limit to 10m, and makes 10m of all below.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from kube import objects, pods, timestamps
from scaler.agents.counting import Pin
from scaler.cluster.pod_state import PodState
from scaler.usage.window import SECONDS, Minute
from store.records import Change

PinnedOf = Callable[[objects.Pod, str], Pin | None]
"""Of a pod's container, what its agent has said a moment ago."""

_ROUNDED = 10.0
"""Millicores that a quota may differ from its limit."""


def nothing(pod: objects.Pod, name: str) -> Pin | None:
    """Where there is no agent."""
    return None


class Terms(Struct, frozen=True):
    """What holds for all pods of a container; `now` and `changed` in seconds since the epoch.

    `changed`: when its CPU was last changed, or 0. `start`: seconds of its start-up, as was learnt.
    """

    now: float
    changed: float = 0.0
    start: float = 0.0


def minute(state: PodState, name: str, said: Pin | None, terms: Terms) -> Minute | None:
    """By the table; None: it does not count."""
    limit = state.actual[name].limits.cpu
    if said is None or limit is None:
        return None
    found = said.said
    if abs(found.quota - max(float(limit), _ROUNDED)) > _ROUNDED:
        return None
    if said.received - found.seconds < terms.changed:
        return None
    began = pods.started(state.pod, name)
    age = terms.now - began if began is not None else 0.0
    if age < terms.start or (age < SECONDS and not state.ready):
        return None
    return Minute(
        found.used, found.seconds, 0, said.received, found.used, throttled=found.throttled
    )


def changed(changes: Sequence[Change], name: str) -> float:
    """When a container's CPU was last changed; 0 where no line of the log says."""
    mine = (c for c in changes if (c.container, c.resource) == (name, "cpu"))
    last = next(mine, None)
    return (timestamps.seconds(last.at) if last else None) or 0.0
