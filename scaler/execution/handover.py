"""Hands a pod over to its PodSize, drains and deletes it, or gives it back.

Each of them looks at a fresh list of the pods first, and names the pod's UID and resource version:
it is safe to be killed anywhere, and whoever else acts meanwhile wins. Before a pod is handed over:

| asked or done                                        | a no is                              |
| ---------------------------------------------------- | ------------------------------------ |
| the pod's owner still has the template of the pod    | `TemplateChanged`                    |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                  |
| the rights policy is in force                        | nothing: it is evicted in a moment   |
| the hand-over, with the drain that follows, and the  | `Refused`, in the refuser's words:   |
| deletion, each as a dry run                          | it is evicted in a moment            |
| a fresh list of the pods leads to the same pod       | nothing: the watch lags, look again  |
| what any new pod needs is there (prerequisites.py)   | `Refused`, and not evicted either    |
| the status says that it is taken, and counts it      | nothing: somebody wrote first        |
| the PodSize becomes its controller                   | nothing: somebody wrote first        |

Whatever said no last is asked first the next time (questions.py).

Where the drain or the deletion is refused later all the same, the pod goes back to its owner,
unless it is drained: a pod that its owner adopts has to serve. Its replacement is Ready by then, so
the owner has one too many; the deletion cost makes it choose that pod.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kube import kinds, objects
from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.execution import draining, label_policies, pod_calls, refusal
from scaler.execution.preflight import (
    CHANGED,
    Claim,
    LastLook,
    Recheck,
    another_template,
    pods_now,
)
from scaler.execution.questions import RIGHTS, STATUS, TEMPLATE, WEBHOOK, Question, Questions, said
from scaler.execution.refusal import StatusRefused
from scaler.execution.rehearsal import HANDED_OVER, Rehearsal
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from scaler.model import Delete, Drain, HandBack, HandOver, Outcome
from store.annotations import FIRST_TO_GO, SURPLUS
from store.model import PODSIZE
from store.reasons import Reason

logger = logging.getLogger(__name__)


@dataclass
class Handover:
    """Works through one API server; `seconds`: between the drain and the end."""

    gateway: Gateway
    probe: Probe
    rights_policy: RightsPolicy
    seconds: float = 2.0
    monotonic: Callable[[], float] = time.monotonic
    asked: Questions = field(default_factory=Questions)
    _drained: dict[str, float] = field(default_factory=dict)

    def hand_over(self, action: HandOver, recheck: Recheck, claim: Claim) -> Outcome:
        """By the module's table. Raises KubeError."""
        w, look = action.workload, LastLook(self.gateway, action, recheck)
        patient = self.asked.doubted(w) is None
        asked: tuple[Question, ...] = (
            (TEMPLATE, lambda: another_template(self.gateway, action)),
            (WEBHOOK, lambda: self.probe.no(action, patient=patient)),
            (RIGHTS, lambda: said(self.rights_policy.shortcoming(w.namespace, action.pod), None)),
            *Rehearsal(self.gateway, action).questions(),
            *self.asked.again(w, STATUS, lambda: claim(action, dry=True)),
        )
        if no := self.asked.no(w, asked, look.questions()):
            return no
        with self.asked.doing(w, STATUS):
            claim(action)
        pod = look.pod
        with self.asked.doing(w, HANDED_OVER):
            raw = pod_calls.patch(self.gateway, pod, ownerReferences=pod_calls.handed(action, pod))
        made = pod_calls.POD.decode(raw)
        return Outcome(done=True, version=made.metadata.resource_version)

    def hand_back(self, action: HandBack, recheck: Recheck, claim: Claim) -> Outcome:
        """The PodSize's reference goes, and the owner adopts the pod. Raises KubeError."""
        pod = self._fresh(action, recheck)
        if pod is None:
            return CHANGED
        refused = None
        if action.status:
            try:
                claim(action)
            except StatusRefused as e:  # without a status it cannot be handed over again either
                refused = e
        self._give_back(pod)
        return Outcome(
            done=True, unwritten=refused is not None, message=refused.message if refused else ""
        )

    def drain(self, action: Drain, recheck: Recheck) -> Outcome:
        """Labels first where it still serves, else delete it at once. Raises KubeError."""
        pods = pods_now(self.gateway, action.workload.namespace)
        pod = _same(pods, action.uid) if recheck(pods) else None
        if pod is None:
            return CHANGED
        others = [p for p in pods if p.metadata.uid in action.others and p.ready]
        around = self._around(action.workload.namespace, others)
        if action.idle and (served := draining.selecting(pod, around)):
            return Outcome(done=False, message=f"Service {served[0].metadata.name} selects it")
        match draining.leave(pod, around):
            case draining.NotYet(why):
                return Outcome(done=False, message=why, soon=True)
            case draining.Strip(keys) if not self._kept(pod, keys):
                return self._or_back(pod, lambda: self._strip(pod, keys))
        return self._or_back(pod, lambda: self._end(pod))

    def delete(self, action: Delete, recheck: Recheck) -> Outcome:
        """After the pause, which starts again in a new process. Raises KubeError."""
        since = self._drained.setdefault(action.uid, self.monotonic())
        if not action.at_once and self.monotonic() - since < self.seconds:
            return Outcome(done=False, message="draining", soon=True)
        pod = self._fresh(action, recheck)
        if pod is None:
            return CHANGED
        return self._or_back(pod, lambda: self._end(pod)) if action.at_once else self._end(pod)

    def _kept(self, pod: objects.Pod, keys: Sequence[str]) -> str | None:
        """Why it goes at once instead, with all its labels."""
        meta = pod.metadata
        why = label_policies.why_kept(self.gateway, meta.namespace, meta.labels or {}, keys)
        if why:
            logger.info("not drained", extra={"pod": f"{meta.namespace}/{meta.name}", "why": why})
        return why

    def _strip(self, pod: objects.Pod, keys: Sequence[str]) -> Outcome:
        pod_calls.patch(self.gateway, pod, labels=dict.fromkeys(keys), annotations=FIRST_TO_GO)
        self._drained[pod.metadata.uid] = self.monotonic()
        return Outcome(done=True, message="drained", soon=True)

    def _or_back(self, pod: objects.Pod, do: Callable[[], Outcome]) -> Outcome:
        """Do it; the pod goes back to its owner where somebody refuses that."""
        try:
            return do()
        except KubeError as e:
            message = refusal.words(e)
            if message is None:
                raise
            self._give_back(pod, SURPLUS)
            message = f"{pod.metadata.name} is handed back: {message}"
            return Outcome(done=False, reason=Reason.REFUSED, message=message)

    def _give_back(self, pod: objects.Pod, marks: Mapping[str, str] | None = None) -> None:
        references = pod.metadata.owner_references or ()
        kept = [pod_calls.plain(r) for r in references if r.kind != PODSIZE.name]
        marked = dict(marks or {})
        pod_calls.patch(self.gateway, pod, ownerReferences=kept or None, annotations=marked)

    def _end(self, pod: objects.Pod) -> Outcome:
        pod_calls.end(self.gateway, pod)
        self._drained.pop(pod.metadata.uid, None)
        return Outcome(done=True)

    def _fresh(self, action: HandBack | Delete, recheck: Recheck) -> objects.Pod | None:
        pods = pods_now(self.gateway, action.workload.namespace)
        return _same(pods, action.uid) if recheck(pods) else None

    def _around(self, namespace: str, others: list[objects.Pod]) -> draining.Surroundings:
        return draining.Surroundings(
            pod_calls.listed(self.gateway, kinds.SERVICE.path(namespace), draining.Service),
            pod_calls.listed(self.gateway, kinds.ENDPOINT_SLICE.path(namespace), draining.Slice),
            pod_calls.listed(
                self.gateway, kinds.NETWORK_POLICY.path(namespace), draining.NetworkPolicy
            ),
            others,
        )


def _same(pods: list[objects.Pod], uid: str) -> objects.Pod | None:
    return next((p for p in pods if p.metadata.uid == uid), None)
