"""Takes one pod by eviction, after everything that could stand in the way was asked.

In this order, so that it is safe to be killed anywhere and a refusal costs nothing:

| asked or done                                        | a no is                              |
| ---------------------------------------------------- | ------------------------------------ |
| the pod's owner still has the template of the pod    | `TemplateChanged`                    |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                  |
| the eviction as a dry run                            | `DisruptionBudget`, `Refused`        |
| a fresh list of the pods leads to the same pod       | nothing: the watch lags, look again  |
| what any new pod needs is there (prerequisites.py)   | `Refused`                            |
| the status says that it is taken, and counts it      | nothing: somebody wrote first        |
| the pod is still the one, by its UID                 | nothing: it has gone meanwhile       |
| the eviction, with the pod's UID as precondition     | `DisruptionBudget`                   |

Whatever said no last is asked first the next time (questions.py).

A precondition that fails spends the budget all the same: the server then refuses each eviction of
the workload for two minutes. So the pod is read right before, and where it happens after all, the
refusals that follow say so.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from kube import kinds
from kube.errors import Conflict, Forbidden, KubeError, TooMany
from kube.gateway import Gateway
from scaler.execution import pod_calls
from scaler.execution.preflight import (
    CHANGED,
    Claim,
    LastLook,
    Recheck,
    another_template,
    held_up,
)
from scaler.execution.questions import STATUS, TEMPLATE, WEBHOOK, Question, Questions
from scaler.execution.webhook_probe import Probe
from scaler.model import Evict, Outcome
from store.model import Workload
from store.reasons import Reason

_EVICTION = "eviction"
_SPENT = 120.0
"""Seconds for which the server counts a pod as disrupted that was not evicted after all."""


@dataclass(frozen=True)
class Evictor:
    """Evicts through one API server."""

    gateway: Gateway
    probe: Probe
    spent: dict[Workload, float] = field(default_factory=dict)
    """When (monotonic seconds) our own eviction met another pod, and spent its budget."""
    monotonic: Callable[[], float] = time.monotonic
    asked: Questions = field(default_factory=Questions)

    def take(self, action: Evict, recheck: Recheck, claim: Claim) -> Outcome:
        """Take the pod; `claim` writes the status. Raises KubeError."""
        w, look = action.workload, LastLook(self.gateway, action, recheck)
        patient = self.asked.doubted(w) is None
        asked: tuple[Question, ...] = (
            (TEMPLATE, lambda: another_template(self.gateway, action)),
            (WEBHOOK, lambda: self.probe.no(action, patient=patient)),
            (_EVICTION, lambda: self._evict(action, dry=True)),
            *self.asked.again(w, STATUS, lambda: claim(action, dry=True)),
        )
        if no := self.asked.no(w, asked, look.questions()):
            return no
        with self.asked.doing(w, STATUS):
            claim(action)
        if not self._same(action):
            return CHANGED
        with self.asked.doing(w, _EVICTION):
            return self._evict(action, dry=False) or Outcome(done=True)

    def _same(self, action: Evict) -> bool:
        path = kinds.POD.path(action.workload.namespace, action.pod)
        meta = pod_calls.POD.decode(self.gateway.get(path)).metadata
        return meta.uid == action.uid and not meta.deletion_timestamp

    def _evict(self, action: Evict, *, dry: bool) -> Outcome | None:
        """None where it was granted."""
        path = kinds.POD.path(action.workload.namespace, action.pod, "eviction")
        try:
            self.gateway.post(path, _eviction(action, dry=dry))
        except Conflict:
            if not dry:
                self.spent[action.workload] = self.monotonic()
            raise
        except TooMany as e:
            if not e.budget:
                raise
            ours = self._ours(action.workload)
            message = f"{e.message} ({ours})" if ours else e.message
            return Outcome(done=False, reason=Reason.DISRUPTION_BUDGET, message=message)
        except Forbidden as e:
            message = f"{action.pod} may not be evicted: {e.message}"
            return Outcome(done=False, reason=Reason.REFUSED, message=message)
        except KubeError as e:
            if dry and (why := held_up(self.gateway, path.removesuffix("/eviction"), e)):
                message = f"{action.pod} may not be evicted: {why}"
                return Outcome(done=False, reason=Reason.REFUSED, message=message)
            if "PodDisruptionBudget" not in e.message:
                raise
            # Several budgets select the pod: the server evicts none of those, with status 500.
            return Outcome(done=False, reason=Reason.DISRUPTION_BUDGET, message=e.message)
        return None

    def _ours(self, workload: Workload) -> str | None:
        at = self.spent.get(workload)
        if at is None or (since := self.monotonic() - at) >= _SPENT:
            return None
        return f"spent {since:.0f} s ago by an eviction that met another pod, for two minutes"


def _eviction(action: Evict, *, dry: bool) -> dict[str, object]:
    options: dict[str, object] = {"preconditions": {"uid": action.uid}}
    if dry:
        options["dryRun"] = ["All"]
    return {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": action.pod, "namespace": action.workload.namespace},
        "deleteOptions": options,
    }
