"""Which containers were killed for want of memory, and which pods are down because of it. Pure.

| the container's status                                   | it was killed                      |
| -------------------------------------------------------- | ---------------------------------- |
| it ended, or ended last, with reason `OOMKilled`         | yes: then                          |
| it ended with another reason, whatever the exit code     | no: a probe's kill is 137 as well  |
| its pod was evicted                                      | no: its node lacked memory         |

The kubelet says `OOMKilled` also where the node ran out of memory: `sizing/evidence.py` tells that
apart. A pod is down if it is not Ready and one of its containers was killed when it ended last: it
serves nobody, and started again in place it would be killed again.
"""

from collections.abc import Mapping

from kube import objects, timestamps
from kube.memo import once
from scaler.cluster.pod_state import PodState
from store import amounts

_KILLED = "OOMKilled"


@once
def kills(pod: objects.Pod) -> Mapping[str, float]:
    """When each container was killed last, in seconds since the epoch."""
    found: dict[str, float] = {}
    status = pod.status
    for one in [*(status.container_statuses or ()), *(status.init_container_statuses or ())]:
        ends = (one.state.terminated, one.last_state.terminated)
        times = [timestamps.seconds(e.finished_at) for e in ends if e and e.reason == _KILLED]
        if known := [at for at in times if at is not None]:
            found[one.name] = max(known)
    return found


@once
def _last(pod: objects.Pod) -> frozenset[str]:
    """The containers whose last end was such a kill."""
    status = pod.status
    statuses = [*(status.container_statuses or ()), *(status.init_container_statuses or ())]
    ends = ((s.name, s.state.terminated or s.last_state.terminated) for s in statuses)
    return frozenset(name for name, end in ends if end and end.reason == _KILLED)


def down(one: PodState) -> frozenset[str]:
    """The containers for want of whose memory the pod is down; none if it is Ready, or ends."""
    return frozenset() if one.ready or one.terminating else _last(one.pod)


def helped(one: PodState) -> bool:
    """Whether the pod is down, and the stored size gives such a container more memory."""
    pairs = ((one.actual.get(n), one.target.get(n)) for n in down(one))
    bases = (
        (amounts.base_of(has, "memory"), amounts.base_of(gets, "memory"))
        for has, gets in pairs
        if has and gets
    )
    return any(a and b and a.value < b.value for a, b in bases)
