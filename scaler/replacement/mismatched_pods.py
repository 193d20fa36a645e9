"""Pods that came otherwise than the store says, and how long no other is taken for them. Pure.

| a pod of the workload                                           | then                           |
| --------------------------------------------------------------- | ------------------------------ |
| was not given the size: see backoff.py                          | `WebhookUnverified`, a failure |
| bears the stored revision with other values, and was made since | `Rewritten`, a failure         |
| the last failure's wait was over                                |                                |
| the same, while that wait lasts                                 | `Rewritten`                    |
| none like that, while another failure is waited out             | `BackingOff`                   |
| bears the stored revision with other values, made before        | nothing: one is taken, a trial |

Somebody else rewrites what our webhook sets (another webhook, a policy engine). Whether that is
over cannot be asked: only a pod of the workload shows it, so one is taken as a trial after each
wait. A new size, by hand or from an edited manifest, is another revision and is tried at once.
"""

from scaler.cluster import backoff
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.replacement.candidate import Next
from store.model import Phase
from store.reasons import Reason
from store.records import BackOff


def stop(view: View, outdated: list[PodState], there: frozenset[str], now: float) -> Next | None:
    """The table above. `outdated`: pods with other values; `there`: see `backoff.missed`."""
    if names := backoff.missed(view, there, now):
        why = f"created without the stored size: {', '.join(names[:3])}; the webhook is not asked"
        return _blocked(Reason.WEBHOOK_UNVERIFIED, why, failed=True)
    last = view.status.backoff
    held = backoff.holds(last, now)
    if rewritten := [s for s in outdated if s.bears(view.size)]:
        return _rewritten(rewritten, last, now, held=held)
    if held and last.reason != Reason.REWRITTEN:
        told = f"no pod is taken before {last.until}: pods came without the stored size"
        return _blocked(Reason.BACKING_OFF, told)
    return None


def tried(view: View, pod: PodState, now: float) -> bool:
    """Whether the pod was a trial that failed, or came while one is waited out: it is left alone.

    Taken for its need again and again, it would only come back as it is.
    """
    last = view.status.backoff
    held = backoff.holds(last, now)
    return pod.bears(view.size) and _rewritten([pod], last, now, held=held) is not None


def _rewritten(pods: list[PodState], last: BackOff, now: float, *, held: bool) -> Next | None:
    told = f"{pods[0].name} has revision {pods[0].revision}, other values"
    if held:
        return _blocked(Reason.REWRITTEN, f"{told}; one is tried again after {last.until}")
    since = backoff.over(last, now)
    if any(s.created >= since for s in pods):
        return _blocked(Reason.REWRITTEN, told, failed=True)
    return None


def _blocked(reason: Reason, message: str, *, failed: bool = False) -> Next:
    return Next(None, Phase.BLOCKED, reason, message, failed=failed)
