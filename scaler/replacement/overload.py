"""Is a pod not Ready because it is overloaded, so that a bigger one would be? Pure.

A pod that is not Ready serves nobody. If it is at its limit, and its replacement will have more, it
may never be Ready by itself, and a bigger one beside it (surge) can lose nothing.

| a container of the pod                                         | the pod is overloaded        |
| -------------------------------------------------------------- | ---------------------------- |
| has no minute of usage                                         | no: nothing is known         |
| the same, but it was killed twice, not for memory, and has     | yes, where it would get more |
| been throttled in most periods since (policies/starved.py)     |                              |
| used less than 90 % of its CPU limit (request without a limit) | no: the cause is another     |
| and was not throttled in most periods of its last minute       |                              |
| would get as much or less                                      | no: that would not help      |
| did either, and would get more                                 | yes                          |
| waits, or has ended                                            | no: it has to run first      |
"""

from kube import pods
from scaler.cluster.pod_state import PodState
from scaler.policies.double import THRESHOLD
from scaler.policies.quiet import throttled
from scaler.policies.starved import KILLS
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
        if now is None or then is None or not then.value > now.value > 0:
            continue
        if isinstance(minute, Minute):
            if minute.mean >= THRESHOLD * now.value or throttled(minute):
                return f"{name} used {minute.mean:.0f}m of {now.value}m"
        elif throttled(minute) and pods.killed(state.pod, name) >= KILLS:
            return f"{name} was throttled in {100 * (minute.throttled or 0.0):.0f} % of its periods"
    return None
