"""Pods that were created without the stored values, and the back-off after them. Pure.

| a pod of the workload                                        | result                           |
| ------------------------------------------------------------ | -------------------------------- |
| did not get the size: see backoff.py                         | `WebhookUnverified`, a failure   |
| the same, but our webhook refused to change its QoS class    | none: see next_pod.py            |
| has the stored revision's stamp with other values, and was   | `Rewritten`, a failure           |
| created after the last back-off ended                        |                                  |
| the same, during the back-off                                | `Rewritten`                      |
| none like that, during the back-off after another failure    | `BackingOff`                     |
| has the stamp with other values, created before the last     | none: one pod is replaced as a   |
| back-off ended                                               | trial                            |

`Rewritten`: another webhook or a policy engine changes what the podtailor webhook set. Only a new
pod of the workload can show whether that is over, so one is replaced as a trial after each
back-off. A new size, by hand or from an edited manifest, has a new revision and is tried at once.
"""

from scaler.cluster import backoff
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.replacement.candidate import Next
from store.model import Phase
from store.qos import reclassed
from store.reasons import Reason
from store.records import BackOff
from store.stamp import stamped_basis


def stop(view: View, outdated: list[PodState], there: frozenset[str], now: float) -> Next | None:
    """The reason not to replace a pod, by the table above; None: there is none.

    `outdated`: pods with other values than the stored ones. `there`: see `backoff.missed`.
    """
    if names := backoff.missed(view, there, now):
        why = f"created without the stored size: {', '.join(names[:3])}; the webhook was not called"
        return _blocked(Reason.WEBHOOK_UNVERIFIED, why, failed=True)
    last = view.status.backoff
    held = backoff.holds(last, now)
    if rewritten := [s for s in outdated if s.bears(view.size) and not _declined(s)]:
        return _rewritten(rewritten, last, now, held=held)
    if held and last.reason != Reason.REWRITTEN:
        message = f"in back-off until {last.until}: {backoff.cause(last)}"
        return _blocked(Reason.BACKING_OFF, message)
    return None


def tried(view: View, pod: PodState, now: float) -> bool:
    """Whether the pod is a failed trial, or was created during the back-off after one.

    Such an unhealthy pod is left alone: its replacement would have the same values.
    """
    return pod.bears(view.size) and pod.created >= backoff.over(view.status.backoff, now)


def _rewritten(pods: list[PodState], last: BackOff, now: float, *, held: bool) -> Next | None:
    message = f"{pods[0].name} has revision {pods[0].revision}, other values"
    if held:
        return _blocked(Reason.REWRITTEN, f"{message}; one is tried again after {last.until}")
    since = backoff.over(last, now)
    if any(s.created >= since for s in pods):
        return _blocked(Reason.REWRITTEN, message, failed=True)
    return None


def _declined(pod: PodState) -> bool:
    """Whether our webhook itself left it as it came: of what came to it, the class would change."""
    came = stamped_basis(pod.pod) or {}
    return reclassed(pod.original, pod.target, [came]) is not None


def _blocked(reason: Reason, message: str, *, failed: bool = False) -> Next:
    return Next(None, Phase.BLOCKED, reason, message, failed=failed)
