"""Is a pod not Ready because it is overloaded, so that a bigger one would be? Pure.

A pod that is not Ready serves nobody. If it is at its limit, and its replacement will have more, it
may never be Ready by itself, and a bigger one beside it (surge) can lose nothing.

| a container of the pod                                         | the pod is overloaded        |
| -------------------------------------------------------------- | ---------------------------- |
| has no minute of usage                                         | no: nothing is known         |
| used less than 90 % of its CPU limit (request without a limit) | no: the cause is another     |
| would get as much or less                                      | no: that would not help      |
| used 90 % or more in its last minute, and would get more       | yes                          |
| waits, or has ended                                            | no: it has to run first      |
"""

from scaler.cluster.pod_state import PodState
from scaler.policies.double import THRESHOLD
from scaler.sizing.evidence import MinuteOf
from scaler.usage.window import Minute
from store import amounts


def why(state: PodState, minute_of: MinuteOf) -> str | None:
    """Which container is at its limit, and would have a higher one; None: none."""
    if any(c.state.running is None for c in state.pod.status.container_statuses or ()):
        return None
    for name in sorted(state.differing):
        now, then = (amounts.base_of(s[name], "cpu") for s in (state.actual, state.target))
        minute = minute_of(state.pod, name)
        if now is None or then is None or not isinstance(minute, Minute):
            continue
        if then.value > now.value > 0 and minute.mean >= THRESHOLD * now.value:
            return f"{name} used {minute.mean:.0f}m of {now.value}m"
    return None
