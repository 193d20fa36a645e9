"""The checks of next_pod.py about replacements that could not come, or only with a gap. Pure."""

from kube.pods import counted
from scaler.annotations.options import SingleReplica
from scaler.cluster import manifest
from scaler.cluster.pod_sizes import came_with
from scaler.feasibility import limit_range
from scaler.replacement.candidate import Next, NextCase, blocked
from store.qos import reclassed
from store.reasons import Reason


def single_replica(case: NextCase) -> Next | None:
    """It is the only pod, surge is impossible (surge.py), and the workload does not allow the gap
    (`single-replica: wait`): `SingleReplica`, or `Refused` if surge is refused by somebody. Not
    where it is down for want of memory."""
    if case.down:
        return None
    if len(case.states) != 1 or case.settings.single_replica is not SingleReplica.WAIT:
        return None
    if not case.unable:
        return None
    allow = 'podtailor.io/single-replica: "restart" allows the gap'
    why = f"it has one pod, whose replacement cannot be Ready first: {case.unable}; {allow}"
    reason = Reason.REFUSED if case.prospects.refused else Reason.SINGLE_REPLICA
    return blocked(case, reason, why)


def no_node_fits(case: NextCase) -> Next | None:
    """Surge is impossible, and the replacements fit on no node: `NoNodeFits`."""
    return blocked(
        case, Reason.NO_NODE_FITS, case.prospects.fits(case.free) if case.unable else None
    )


def over_quota(case: NextCase) -> Next | None:
    """A ResourceQuota does not admit all of the replacements: `Quota`."""
    return blocked(case, Reason.QUOTA, case.prospects.quota(case.free))


def class_changes(case: NextCase) -> Next | None:
    """The size would change the QoS class that the pod came with (by a LimitRange's defaults), so
    the webhook would not apply it: `QoSClass`."""
    if case.candidate is None:
        return None
    came, groups = came_with(case.candidate), manifest.arriving(case.view)
    change = reclassed(came, case.replacement, groups)
    why = f"{case.candidate.metadata.name} would be {change}, as it came" if change else None
    return blocked(case, Reason.QOS_CLASS, why)


def limit_range_refuses(case: NextCase) -> Next | None:
    """A LimitRange created after the decision would refuse the replacement: `LimitRange`."""
    names = counted(case.candidate) if case.candidate else ()
    sizes = {n: case.replacement[n] for n in names}
    return blocked(case, Reason.LIMIT_RANGE, limit_range.refusal(case.view.limit_ranges, sizes))
