"""Carries out one action: with `eviction.py`, `handover.py` and `resizer.py` all that changes the
cluster.

Each action is safe to carry out twice, and safe to be killed in: the store is written with the
resource version that was read, and a pod is taken by its UID.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from kube.errors import Conflict, KubeError, NotFound, TooMany
from kube.gateway import Gateway
from scaler.execution import pod_calls, refusal
from scaler.execution.eviction import Evictor
from scaler.execution.handover import Handover
from scaler.execution.preflight import CHANGED, Recheck, pods_now
from scaler.execution.questions import Questions
from scaler.execution.refusal import StatusRefused
from scaler.execution.resizer import Resizer
from scaler.execution.webhook_probe import Probe
from scaler.model import (
    TAKES,
    Action,
    Adopt,
    Create,
    Delete,
    Drain,
    Evict,
    HandBack,
    HandOver,
    Outcome,
    Resize,
    Wait,
    Write,
)
from store.cache import Cache
from store.codec import status_to_json
from store.model import PODSIZE, Status, Workload
from store.naming import object_name, object_path
from store.reasons import Reason

Dated = Callable[[Status], Status]
"""Dates what a status adds to the log; asked right before the write, after all that is read."""


@dataclass(frozen=True)
class Actuator:
    """Carries out actions against one cluster."""

    gateway: Gateway
    store: Cache
    probe: Probe
    hands: Handover | None = None
    """None: nothing is handed over, nor was it."""
    spent: dict[Workload, float] = field(default_factory=dict)
    """See eviction.py."""
    evictions: Questions = field(default_factory=Questions)
    resizes: Questions = field(default_factory=Questions)

    def carry_out(
        self, action: Action, recheck: Recheck, dated: Dated = lambda status: status
    ) -> Outcome:
        """Do it. `recheck` says, of a fresh list of the workload's pods, whether to take one still.

        Never raises for what the API server answers; anything unexpected is for the next cycle.
        """
        try:
            match action:
                case Create():
                    return self._create(action)
                case Adopt():
                    return self._adopt(action)
                case Write():
                    return self._status(action, recheck, dated)
                case Evict():
                    evictor = Evictor(self.gateway, self.probe, self.spent, asked=self.evictions)
                    return evictor.take(action, recheck, self._claim)
                case Resize() | HandOver() | HandBack() | Drain() | Delete():
                    return self._pod(action, recheck)
                case Wait():
                    return Outcome(done=True)
        except Conflict as e:
            return Outcome(done=False, message=f"somebody wrote first: {e.message}")
        except NotFound as e:
            return Outcome(done=False, message=f"gone meanwhile: {e.message}")
        except KubeError as e:
            return _refused(
                action, e, unwritten=isinstance(action, Write) or isinstance(e, StatusRefused)
            )

    def _status(self, action: Write, recheck: Recheck, dated: Dated) -> Outcome:
        """A watch that has gone silent may show a pod as it was when it started."""
        if action.blames and not recheck(pods_now(self.gateway, action.workload.namespace)):
            return CHANGED
        return self._write(action.workload, dated(action.status), action.resource_version)

    def _create(self, action: Create) -> Outcome:
        w = action.workload
        body = {
            "apiVersion": PODSIZE.api_version,
            "kind": PODSIZE.name,
            "metadata": {
                "name": object_name(w),
                "namespace": w.namespace,
                "ownerReferences": [_reference(w, action.owner_uid)],
            },
            "spec": {
                "workloadRef": {"apiVersion": w.api_version, "kind": w.kind, "name": w.name},
                "replicas": 1,
            },
        }
        self.store.watch.put(self.gateway.post(PODSIZE.path(w.namespace), body))
        return Outcome(done=True)

    def _adopt(self, action: Adopt) -> Outcome:
        held = self.store.watch.get((action.workload.namespace, object_name(action.workload)))
        if held is None:
            return Outcome(done=False, message="the PodSize is gone")
        owners = held.metadata.owner_references or ()
        others = [pod_calls.plain(r) for r in owners if r.uid != action.owner_uid]
        body = {
            "metadata": {
                "resourceVersion": held.metadata.resource_version,
                "ownerReferences": [*others, _reference(action.workload, action.owner_uid)],
            }
        }
        self.store.watch.put(self.gateway.patch(object_path(action.workload), body))
        return Outcome(done=True)

    def _write(
        self, workload: Workload, status: Status, version: str, *, dry: bool = False
    ) -> Outcome:
        body = {
            "apiVersion": PODSIZE.api_version,
            "kind": PODSIZE.name,
            "metadata": {"name": object_name(workload), "resourceVersion": version},
            "status": status_to_json(status),
        }
        # Replaced, not patched: a merge patch would leave in place what the status no longer has.
        # The server takes the rest of the object from what it holds.
        path = object_path(workload, "status")
        if dry:
            self.gateway.put(path, body, dryRun="All")
        else:
            self.store.watch.put(self.gateway.put(path, body))
        return Outcome(done=True)

    def _pod(
        self, action: Resize | HandOver | HandBack | Drain | Delete, recheck: Recheck
    ) -> Outcome:
        if isinstance(action, Resize):
            return Resizer(self.gateway, self.probe, self.resizes).resize(action, recheck)
        if self.hands is None:
            return Outcome(done=False, message="scaler.surge.enabled is false")
        match action:
            case HandOver():
                return self.hands.hand_over(action, recheck, self._claim)
            case HandBack():
                return self.hands.hand_back(action, recheck, self._claim)
            case Drain():
                return self.hands.drain(action, recheck)
            case Delete():
                return self.hands.delete(action, recheck)

    def _claim(self, action: Evict | HandOver | HandBack, *, dry: bool = False) -> None:
        if action.status is None:
            return
        try:
            self._write(action.workload, action.status, action.resource_version, dry=dry)
        except KubeError as e:
            if refusal.words(e) is None:
                raise
            raise StatusRefused(e.status, e.reason, e.message) from e


def _refused(action: Action, error: KubeError, *, unwritten: bool) -> Outcome:
    words = refusal.words(error)
    if words is None and isinstance(error, TooMany) and isinstance(action, TAKES):
        # The server's own limit (Priority and Fairness), not a budget's: it passes.
        message = f"waiting: the API server has too much to do: {error.message}"
        return Outcome(done=False, reason=Reason.PENDING_REPLACEMENT, message=message)
    if words is None:
        reached = error.status or refusal.unanswered(error)
        return Outcome(done=False, message=str(error), unreached=not reached)
    message = f"the PodSize's status may not be written: {words}" if unwritten else words
    return Outcome(done=False, reason=Reason.REFUSED, message=message, unwritten=unwritten)


def _reference(workload: Workload, uid: str) -> dict[str, object]:
    return {
        "apiVersion": workload.api_version,
        "kind": workload.kind,
        "name": workload.name,
        "uid": uid,
    }
