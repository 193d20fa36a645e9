"""Failed changes of a workload, and the back-off after them. Pure.

A change has failed if a pod was created after the size was stored and the webhook did not give it
the size: the webhook was down, had an older revision or was not called. Replacing that pod achieved
nothing, so the next attempt is delayed: five minutes, doubled with each consecutive failure, six
hours at most. For pods whose values another webhook rewrites, see mismatched_pods.py.

| a pod of the workload                                  | counts as a failure                    |
| ------------------------------------------------------ | -------------------------------------- |
| created before or in the second in which the size was  | no, unless we replaced a pod for this  |
| stored                                                 | size and this one did not exist then   |
| created in that second, and the second is not over     | no, but no other pod is replaced yet   |
| created during the back-off                            | no: it belongs to the last failure     |
| has the stored values or the stored revision's stamp   | no                                     |
| any other that was created after the size was stored   | yes; all such pods together count once |
| and after the last back-off ended                      |                                        |

The status stores the number of failures and when the back-off ends. The time of the failure is that
end minus the delay. An end that is further away than the delay was written by a clock that was
ahead: that back-off counts as over.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from kube import timestamps
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from store.model import Status, StoredSize
from store.reasons import Reason
from store.records import BackOff

FIRST = 300.0
LONGEST = 6 * 3600.0
LONGEST_MESSAGE = 512
"""Characters of a failure's message that are kept."""
_NOTICED = 30.0
"""Seconds in which a pod without its size must have been noticed."""
_ROUNDING = 1.0
"""Timestamps are in whole seconds: a pod created in that second is not counted as a failure."""


def delay(failures: int) -> float:
    """Seconds of back-off after so many consecutive failures."""
    return min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST) if failures > 0 else 0.0


def failed(before: BackOff, now: float, reason: Reason, message: str) -> BackOff:
    """The back-off after one more failure, which happened `now`.

    `reason`: its kind. `message`: what failed; it is kept, as long as the API server may say it.
    """
    failures = before.failures + 1
    until = timestamps.text(now + delay(failures))
    return BackOff(failures, until, str(reason), message[:LONGEST_MESSAGE])


def again(before: BackOff, now: float, reason: Reason, message: str) -> BackOff:
    """The back-off where the same failure goes on `now`: as long again, and no failure more."""
    return failed(replace(before, failures=before.failures - 1), now, reason, message)


def cause(backoff: BackOff) -> str:
    """What failed last, for whoever waits. A status of an earlier release says only the kind."""
    if backoff.message:
        return backoff.message
    if backoff.reason in (None, Reason.WEBHOOK_UNVERIFIED):
        return "pods were created without the stored size"
    return f"the last change failed ({backoff.reason})"


def failed_at(backoff: BackOff) -> float | None:
    """Time of the last failure in seconds since the epoch; None if there was none."""
    until = timestamps.seconds(backoff.until)
    return None if until is None or not backoff.failures else until - delay(backoff.failures)


def relieved(backoff: BackOff, repaired: float | None) -> BackOff:
    """The back-off as it counts since the API server's trust in the webhook was `repaired` by us.

    Pods that came without their size because of that do not wait for five minutes more: what was
    wrong is known, and over. A failure is noticed a moment after its pod was created, so it may
    seem to be later than the repair.
    """
    at, until = failed_at(backoff), timestamps.seconds(backoff.until)
    if repaired is None or at is None or until is None:
        return backoff
    if backoff.reason != Reason.WEBHOOK_UNVERIFIED or not at - _NOTICED <= repaired < until:
        return backoff
    return replace(backoff, until=timestamps.text(max(at, repaired)))


def holds(backoff: BackOff, now: float) -> bool:
    """Whether the back-off after the last failure is not over."""
    until = timestamps.seconds(backoff.until)
    return until is not None and 0 < until - now <= delay(backoff.failures) + _ROUNDING


def over(backoff: BackOff, now: float) -> float:
    """When the last back-off ended, in seconds since the epoch.

    0.0 if there was none, or if its end is still ahead.
    """
    until = timestamps.seconds(backoff.until) or 0.0
    return until if until <= now else 0.0


def missed(view: View, there: frozenset[str], now: float) -> list[str]:
    """The names of the pods that count as a failure, by the module's table.

    `there`: UIDs of the pods that existed when one was replaced for this size; empty: unknown.
    """
    size, status = view.size, view.status
    written = written_at(status)
    if size is None or written is None or holds(status.backoff, now):
        return []
    ended = over(status.backoff, now)
    since = max(written + _ROUNDING, ended)

    def late(pod: PodState) -> bool:
        new = bool(there) and pod.uid not in there and pod.created >= max(written, ended)
        return new or pod.created > since

    return [s.name for s in _without(view, size) if late(s)]


def undecided(view: View, now: float) -> str | None:
    """A message about a pod created in the second in which the size was stored; None: no such pod.

    Given only until that second is over. No other pod is replaced until then: the replacements
    would be created in the same second, and none of them would count as a failure.
    """
    size, written = view.size, written_at(view.status)
    if size is None or written is None or not 0 <= now - written <= 2 * _ROUNDING:
        return None
    names = (s.name for s in _without(view, size) if s.created >= written)
    return next(
        (
            f"{name} was created in the second in which the size was stored, without it"
            for name in names
        ),
        None,
    )


def _without(view: View, size: StoredSize) -> Iterator[PodState]:
    """Pods that came from a webhook with an older revision, or did not pass the webhook."""
    return (s for s in view.states if (s.revision or 0) < size.revision and not s.current)


def written_at(status: Status) -> float | None:
    """When the stored size was written: the time of its entry in `status.changes`."""
    at = [c.at for c in status.changes if status.size and c.revision == status.size.revision]
    return timestamps.seconds(at[-1]) if at else None
