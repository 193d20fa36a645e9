"""Who refuses what a hand-over leads to? Everything that will be done is asked as a dry run before.

| asked                                                        | done then, by     |
| ------------------------------------------------------------ | ----------------- |
| its PodSize becomes the pod's controller, and it loses its   | the hand-over and |
| Services' labels and is marked, where a drain will do that:  | the drain, on the |
| it must be held to be drained, and a dry run holds nothing   | pod that is held  |
| it is deleted                                                | the deletion      |

Whoever does not answer dry runs is tried on the pod itself, as handover.py says.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.execution import draining, label_policies, pod_calls, preflight, refusal
from scaler.execution.questions import Question, said
from scaler.model import HandOver, Outcome
from store.annotations import FIRST_TO_GO
from store.reasons import Reason


@dataclass
class Rehearsal:
    """Of one hand-over. Asked is the pod as it is now: whoever writes to it meanwhile is seen by
    what is done then."""

    gateway: Gateway
    action: HandOver
    _read: list[objects.Pod] = field(default_factory=list)

    def questions(self) -> tuple[Question, ...]:
        """What of it is refused? Each answer is in the refuser's words."""
        return (HANDED_OVER, self._handed_over), (DELETED, self._deleted)

    @property
    def pod(self) -> objects.Pod:
        """As it was when the first question was asked. Raises KubeError."""
        if not self._read:
            self._read.append(pod_calls.POD.decode(self.gateway.get(self._path)))
        return self._read[0]

    @property
    def _path(self) -> str:
        return kinds.POD.path(self.action.workload.namespace, self.action.pod)

    def _handed_over(self) -> Outcome | None:
        changes: dict[str, object] = {"ownerReferences": pod_calls.handed(self.action, self.pod)}
        what = "handed over"
        if keys := _stripped(self.gateway, self.pod):
            changes |= {"labels": dict.fromkeys(keys), "annotations": FIRST_TO_GO}
            what = "handed over and drained"
        return self._asked(
            what, lambda: pod_calls.patch(self.gateway, self.pod, dry=True, **changes)
        )

    def _deleted(self) -> Outcome | None:
        return self._asked("deleted", lambda: pod_calls.end(self.gateway, self.pod, dry=True))

    def _asked(self, what: str, ask: Callable[[], object]) -> Outcome | None:
        try:
            ask()
        except KubeError as e:
            words = refusal.words(e) or preflight.held_up(self.gateway, self._path, e)
            if words:
                return said(f"{self.action.pod} may not be {what}: {words}", Reason.REFUSED)
            if not refusal.unasked(e):
                raise
        return None


HANDED_OVER, DELETED = "hand-over", "deletion"


def _stripped(gateway: Gateway, pod: objects.Pod) -> tuple[str, ...]:
    """The labels that a drain would take."""
    space = pod.metadata.namespace
    services = pod_calls.listed(gateway, kinds.SERVICE.path(space), draining.Service)
    policies = pod_calls.listed(gateway, kinds.NETWORK_POLICY.path(space), draining.NetworkPolicy)
    strip = draining.leave(pod, draining.Surroundings(services, (), policies, ()))
    if not isinstance(strip, draining.Strip):
        return ()
    labels = pod.metadata.labels or {}
    return () if label_policies.why_kept(gateway, space, labels, strip.keys) else strip.keys
