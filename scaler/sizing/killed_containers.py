"""Which containers were killed for want of memory, as far as that says what they need. Pure.

| a container's last end: a kill for want of memory                | counts, whatever its size:    |
| ---------------------------------------------------------------- | ----------------------------- |
| without a limit, or as its node was short of memory              | no: its node has killed it    |
| of a pod resized in place, no younger than the last change made  | no: it is answered. The pod   |
| for a kill                                                       | shows it beside the new limit |
| any other                                                        | yes, with the limit of the    |
|                                                                  | pod: a policy compares them   |
"""

from collections.abc import Callable

from kube import objects, timestamps
from kube.memo import once
from scaler.cluster import oom_kills, resizes
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.policies import table
from scaler.policies.policy import Kill

Short = Callable[[objects.Pod, float], bool]
"""Whether a pod's node was short of memory at a time, in seconds since the epoch."""


def kills(view: View, name: str, node_short: Short) -> list[Kill]:
    """The kills of a container that count, by the table above."""
    found = []
    for one in _killed(view):
        at = oom_kills.kills(one.pod).get(name)
        if at is None or name not in one.actual:
            continue
        if resizes.last(one.pod) is not None and at <= _answered(view, name):
            continue
        limit = one.actual[name].limits.memory
        if limit is not None and not node_short(one.pod, at):
            found.append(Kill(at, limit))
    return found


def _answered(view: View, name: str) -> float:
    """When its memory was raised last because it had been killed; 0.0: it never was.

    What has it in place since shows the kill still, beside the limit that followed it. Any other
    pod has the limit at which it was killed: that needs no comparing of two clocks.
    """
    raised = (
        timestamps.seconds(c.at) or 0.0
        for c in view.status.changes
        if c.container == name and table.floors(c)
    )
    return max(raised, default=0.0)


@once
def _killed(view: View) -> list[PodState]:
    """The pods of which a container was killed for want of memory."""
    return [one for one in view.not_terminating if oom_kills.kills(one.pod)]
