"""Takes one pod by eviction, after everything that could stand in the way was asked.

In this order, so that it is safe to be killed anywhere and a refusal costs nothing:

| asked or done                                        | a no is                              |
| ---------------------------------------------------- | ------------------------------------ |
| the pod's owner still has the template of the pod    | `TemplateChanged`                    |
| the eviction as a dry run                            | `DisruptionBudget`, `Refused`        |
| the webhook answers a probe with the stored revision | `WebhookUnverified`                  |
| a fresh list of the pods leads to the same pod       | nothing: the watch lags, look again  |
| what any new pod needs is there (prerequisites.py)   | `Refused`                            |
| the status says that it is taken, and counts it      | nothing: somebody wrote first        |
| the pod is still the one, by its UID                 | nothing: it has gone meanwhile       |
| the eviction, with the pod's UID as precondition     | `DisruptionBudget`                   |

A precondition that fails spends the budget all the same: the server then refuses each eviction of
the workload for two minutes. So the pod is read right before, and where it happens after all, the
refusals that follow say so.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from kube import kinds, objects
from kube.errors import Conflict, Forbidden, KubeError, TooMany
from kube.gateway import Gateway
from scaler.execution import prerequisites
from scaler.execution.preflight import CHANGED, Recheck, another_program, held_up, pods_now
from scaler.execution.webhook_probe import Probe
from scaler.model import Evict, Outcome
from store.model import Workload
from store.reasons import Reason

Claim = Callable[[Evict], None]

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

    def take(self, action: Evict, recheck: Recheck, claim: Claim) -> Outcome:
        """Take the pod; `claim` writes the status. Raises KubeError."""
        if message := another_program(self.gateway, action.workload, action.pod):
            return Outcome(done=False, reason=Reason.TEMPLATE_CHANGED, message=message)
        if refused := self._evict(action, dry=True):
            return refused
        if message := self.probe.shortcoming(action.workload, action.size.revision):
            return Outcome(done=False, reason=Reason.WEBHOOK_UNVERIFIED, message=message)
        pods = pods_now(self.gateway, action.workload.namespace)
        pod = next((p for p in pods if p.metadata.uid == action.uid), None)
        if pod is None or not recheck(pods):
            return CHANGED
        if message := prerequisites.missing(self.gateway, pod):
            return Outcome(done=False, reason=Reason.REFUSED, message=message)
        claim(action)
        if not self._same(action):
            return CHANGED
        return self._evict(action, dry=False) or Outcome(done=True)

    def _same(self, action: Evict) -> bool:
        path = kinds.POD.path(action.workload.namespace, action.pod)
        meta = msgspec.json.decode(self.gateway.get(path), type=objects.Pod).metadata
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
        since = self.monotonic() - self.spent.get(workload, -_SPENT)
        if since >= _SPENT:
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
