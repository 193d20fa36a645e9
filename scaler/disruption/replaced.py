"""The last pod that was replaced of each workload, until its replacement is Ready.

The watches show most of this, but late: the eviction returns before the watch reports it, and if
the size changes in between, the replacement looks like any outdated pod. In both cases a fourth
replacement was once started although three were allowed. A restart may forget this memory: a new
scaler lists the pods before it replaces one.
"""

from msgspec import Struct

from scaler.cluster import in_flight, oom_kills, terminating
from scaler.cluster.view import View
from scaler.model import Take
from store.model import Workload


class _Pod(Struct, frozen=True):
    uid: str
    version: str
    podsize: str
    revision: int
    existing: frozenset[str]


class LastReplaced:
    """The last pod that was replaced of each workload."""

    def __init__(self) -> None:
        self._last: dict[Workload, _Pod] = {}

    def add(self, view: View, action: Take, version: str = "") -> None:
        """Record that `action` was done.

        `version`: the pod's resourceVersion since then; "": the pod is deleted.
        """
        existing = frozenset(p.metadata.uid for p in (*view.pods, *view.held))
        last = _Pod(action.uid, version, _podsize(view), action.size.revision, existing)
        self._last[view.workload] = last

    def there(self, view: View) -> frozenset[str]:
        """UIDs of the pods that existed when one was replaced for the size that is stored now.

        Any other pod was created later. Empty: unknown.
        """
        last = self._last.get(view.workload)
        if last is None or view.size is None:
            return frozenset()
        same = (last.podsize, last.revision) == (_podsize(view), view.size.revision)
        return last.existing if same else frozenset()

    def in_flight(self, view: View, now: float) -> bool:
        """Whether a pod has to be waited for: terminating, not Ready, or the watch lags behind."""
        last = self._last.get(view.workload)
        if last is None:
            return False
        going = any(
            not terminating.lingers(s.pod, now)
            if s.terminating
            else s.uid == last.uid and _before(s.pod.metadata.resource_version, last.version)
            for s in view.states
        )
        down = [s for s in view.unready if oom_kills.helped(s)]
        # Pods that are down wait for none that has an older size and is not Ready either.
        older = [s for s in view.unready if down and not s.current]
        known = [*older, *(s for s in view.states if s.uid in last.existing)]
        # A StatefulSet makes its next pod only once those before it are Ready.
        next_one = view.workload.kind == "StatefulSet" and 0 < len(down) == len(view.unready)
        if going or (not next_one and in_flight.not_ready(view, known)):
            return True
        del self._last[view.workload]
        return False


def _podsize(view: View) -> str:
    """The PodSize's UID: a PodSize that is created again may reuse revisions."""
    return view.podsize.uid if view.podsize else ""


def _before(seen: str, version: str) -> bool:
    """Whether the watch shows an older version; compared as numbers, see decision 0003."""
    return not (version.isdecimal() and seen.isdecimal()) or int(seen) < int(version)
