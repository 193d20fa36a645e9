"""Workloads of which we have taken a pod and that are not seen whole again.

The cluster's own state tells most of it (see flight.py), but not everything at once: an eviction is
answered before the watch tells of it, and a size that changes meanwhile makes the replacement look
like any old pod. Either was seen to let four of three pods be replaced at a time. Nothing is lost
with this memory: a new scaler lists before it takes.
"""

from scaler import flight
from scaler.view import View
from store.model import Workload


class Taken:
    """The last pod of each workload, by UID."""

    def __init__(self) -> None:
        self._uids: dict[Workload, tuple[str, str]] = {}

    def add(self, workload: Workload, uid: str, version: str = "") -> None:
        """This one was just taken. `version`: what the pod has since; "": it is gone for good."""
        self._uids[workload] = uid, version

    def flying(self, view: View) -> bool:
        """Whether it is shown as if nothing had happened, is going, or is not replaced yet."""
        taken = self._uids.get(view.workload)
        if taken is None:
            return False
        uid, version = taken
        there = any(
            p.metadata.deletion_timestamp
            or (p.metadata.uid == uid and _before(p.metadata.resource_version, version))
            for p in view.pods
        )
        if there or flight.wanting(view):
            return True
        del self._uids[view.workload]
        return False


def _before(seen: str, version: str) -> bool:
    """Whether what is shown is older; versions compare as numbers, see decision 0003."""
    return not (version.isdecimal() and seen.isdecimal()) or int(seen) < int(version)
