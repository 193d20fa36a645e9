"""Failures of a workload's changes, and how long they are waited out. Pure.

A pod that was made after the size was written and that the webhook did not give it is one: the
webhook was down, behind, or was not asked. Each such pod was taken for nothing, so the next attempt
waits: five minutes, doubled with every failure in a row, at most six hours. For values that
somebody rewrites see mismatched_pods.py.

| a pod of the workload                                      | counts as a failure            |
| ---------------------------------------------------------- | ------------------------------ |
| made before the size was written, or in the second of it   | no, unless we took one for it  |
|                                                            | and this was not there then    |
| made in that second, which is not over yet                 | no, but nobody else is taken   |
| made while failures are waited out                         | no: it belongs to the last one |
| has the stored values, or the stamp of the stored revision | no                             |
| else, after the size was written or the wait was over      | yes, all of them together once |

The wait lies in the store; the failure itself is as long before its end as the wait is long. One
that ends later than the longest wait was written by a clock that was ahead: it is over.
"""

from collections.abc import Iterator

from kube import timestamps
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from store.model import Status, StoredSize
from store.reasons import Reason
from store.records import BackOff

FIRST = 300.0
LONGEST = 6 * 3600.0
_ROUNDING = 1.0
"""Times have no fractions: pods of that second are given the benefit of the doubt."""


def delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST) if failures > 0 else 0.0


def failed(before: BackOff, now: float, reason: Reason) -> BackOff:
    """One more failure, now; `reason`: its kind."""
    failures = before.failures + 1
    return BackOff(failures, timestamps.text(now + delay(failures)), str(reason))


def failed_at(backoff: BackOff) -> float | None:
    """When the last failure was; None where there was none."""
    until = timestamps.seconds(backoff.until)
    return None if until is None or not backoff.failures else until - delay(backoff.failures)


def holds(backoff: BackOff, now: float) -> bool:
    """Whether the last failure is still waited out."""
    until = timestamps.seconds(backoff.until)
    return until is not None and 0 < until - now <= delay(backoff.failures) + _ROUNDING


def over(backoff: BackOff, now: float) -> float:
    """When the last wait was over; 0.0 where there was none, or a clock that was ahead wrote it."""
    until = timestamps.seconds(backoff.until) or 0.0
    return until if until <= now else 0.0


def missed(view: View, there: frozenset[str], now: float) -> list[str]:
    """The names of the pods that count as a failure, by the module's table.

    `there`: UIDs of the pods that were there as one was taken for this size; empty: not known.
    """
    size, status = view.size, view.status
    written = _written(status)
    if size is None or written is None or holds(status.backoff, now):
        return []
    waited = over(status.backoff, now)
    since = max(written + _ROUNDING, waited)

    def late(pod: PodState) -> bool:
        new = bool(there) and pod.uid not in there and pod.created >= max(written, waited)
        return new or pod.created > since

    return [s.name for s in _without(view, size) if late(s)]


def doubtful(view: View, now: float) -> str | None:
    """Which pod has the benefit of the doubt while its second is not over; None: no pod has.

    Nobody else is taken meanwhile: pods that are replaced at once would all be made in it.
    """
    size, written = view.size, _written(view.status)
    if size is None or written is None or not 0 <= now - written <= 2 * _ROUNDING:
        return None
    names = (s.name for s in _without(view, size) if s.created >= written)
    return next((f"{name} came without the size that was being written" for name in names), None)


def _without(view: View, size: StoredSize) -> Iterator[PodState]:
    """Pods that an older webhook, or none, has made."""
    return (s for s in view.states if (s.revision or 0) < size.revision and not s.current)


def _written(status: Status) -> float | None:
    """When the stored size was written, by its own line in the history."""
    at = [c.at for c in status.changes if status.size and c.revision == status.size.revision]
    return timestamps.seconds(at[-1]) if at else None
