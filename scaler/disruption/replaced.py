"""Workloads of which we have taken a pod and that are not seen whole again.

The cluster's own state tells most of it, but not everything at once: an eviction is
answered before the watch tells of it, and a size that changes meanwhile makes the replacement look
like any old pod. Either was seen to let four of three pods be replaced at a time. Nothing is lost
with this memory: a new scaler lists before it takes.
"""

from dataclasses import dataclass

from scaler.cluster import in_flight
from scaler.cluster.view import View
from scaler.model import Take
from store.model import Workload


@dataclass(frozen=True, slots=True)
class _Pod:
    uid: str
    version: str
    podsize: str
    revision: int
    there: frozenset[str]


class Taken:
    """The last pod of each workload, by UID."""

    def __init__(self) -> None:
        self._last: dict[Workload, _Pod] = {}

    def add(self, view: View, action: Take, version: str = "") -> None:
        """This one was just taken. `version`: what the pod has since; "": it is gone for good."""
        there = frozenset(p.metadata.uid for p in (*view.pods, *view.held))
        taken = _Pod(action.uid, version, _podsize(view), action.size.revision, there)
        self._last[view.workload] = taken

    def there(self, view: View) -> frozenset[str]:
        """UIDs of the pods that were there as one was taken for the size that is stored now.

        Any other was made since. Empty: nothing is known of that.
        """
        last = self._last.get(view.workload)
        if last is None or view.size is None:
            return frozenset()
        same = (last.podsize, last.revision) == (_podsize(view), view.size.revision)
        return last.there if same else frozenset()

    def flying(self, view: View) -> bool:
        """Whether it is shown as if nothing had happened, is going, or is not replaced yet."""
        taken = self._last.get(view.workload)
        if taken is None:
            return False
        there = any(
            s.terminating
            or (s.uid == taken.uid and _before(s.pod.metadata.resource_version, taken.version))
            for s in view.states
        )
        if there or in_flight.not_ready(view):
            return True
        del self._last[view.workload]
        return False


def _podsize(view: View) -> str:
    """Its UID: one that is made anew counts its revisions from one again."""
    return view.podsize.uid if view.podsize else ""


def _before(seen: str, version: str) -> bool:
    """Whether what is shown is older; versions compare as numbers, see decision 0003."""
    return not (version.isdecimal() and seen.isdecimal()) or int(seen) < int(version)
