"""May a workload's pods be handed over, or resized in place, as far as trying has shown?

What is learnt in one namespace says nothing about another, and is reported nowhere else.
"""

from msgspec import Struct

from scaler.cluster.view import View
from scaler.disruption.attempts import Pace
from scaler.execution.handover import Handover
from scaler.planning.context import NO_RESIZE, NO_SURGE
from scaler.resizing.resize_case import Refused
from store.model import Workload


class SurgeRights(Struct, frozen=True):
    """`hands` None: nothing may be handed over at all."""

    hands: Handover | None
    pace: Pace
    now: float

    @property
    def switched_off(self) -> str | None:
        """Why no pod of anybody's may be."""
        return None if self.hands else NO_SURGE

    def no_surge(self, namespace: str) -> str | None:
        """Why no policy is known to bound our rights there."""
        return self.hands.rights_policy.problem(namespace) if self.hands else None

    def barred(self, view: View) -> str | None:
        """Why none of the workload's pods may be handed over now."""
        return self._no_surge_for(view.workload) or self.pace.surge_refused(view, self.now)

    def refused(self, view: View) -> bool:
        """Whether that is in somebody else's words."""
        policy = self.hands.rights_policy if self.hands else None
        theirs = policy is not None and policy.refused(view.workload.namespace)
        return theirs or self.pace.surge_refused(view, self.now) is not None

    def _no_surge_for(self, workload: Workload) -> str | None:
        """A workload for which the server itself fails asks for one thing at a time."""
        if self.hands is None:
            return None
        retry = not self.pace.stuck(workload)
        return self.hands.rights_policy.problem(workload.namespace, retry=retry)


class ResizeRights(Struct, frozen=True):
    """`enabled`: whether pods may be resized in place at all."""

    enabled: bool
    pace: Pace
    now: float

    def refused(self, view: View, uid: str) -> Refused | None:
        """Why a pod is not resized to the stored size now; None: nobody has refused it."""
        if not self.enabled:
            return Refused(NO_RESIZE)
        found = self.pace.unresizable(view, uid, self.now)
        return Refused(*found) if found else None
