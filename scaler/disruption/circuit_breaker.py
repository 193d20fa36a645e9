"""Have several workloads failed in the same way recently? Then the cause is common to them. Pure.

Examples: the webhook cannot be reached, a registry is down, a node is broken. Each further
replacement would fail too. All input is in the statuses and the pods, so a restart loses nothing.

| last failures of all workloads                          | result                          |
| ------------------------------------------------------- | ------------------------------- |
| fewer than three of one kind within ten minutes         | closed                          |
| three or more, and a pod created after the last of them | closed: the failure is over     |
| is Ready with the stored size                           |                                 |
| three or more, and there is no such pod                 | tripped: see cluster_limits.py  |

The time of a failure follows from its back-off, see backoff.py. A failure recorded by a clock that
was ahead counts while it is at most ten minutes in the future.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from scaler.cluster import backoff
from scaler.cluster.view import View


class Terms(Struct, frozen=True):
    """`workloads` failures within `window` seconds trip it; `pause`: seconds between trials."""

    workloads: int = 3
    window: float = 600.0
    pause: float = 60.0


def tripped(views: Iterable[View], terms: Terms, now: float) -> str | None:
    """A message about the common failure; None: the circuit breaker is closed.

    It goes into statuses of many namespaces, so it names no workload: `named` is for the log.
    """
    common = _common(list(views), terms, now)
    if common is None:
        return None
    kind, names = common
    text = f"{len(names)} workloads failed in the same way ({kind})"
    return f"{text}; the scaler's log names them"


def named(views: Iterable[View], terms: Terms, now: float) -> str:
    """Which workloads have failed in the same way, three at most."""
    common = _common(list(views), terms, now)
    return ", ".join(common[1][:3]) if common else ""


def _common(seen: list[View], terms: Terms, now: float) -> tuple[str, list[str]] | None:
    """The kind of a failure that enough workloads share, and their names."""
    failures: dict[str, list[tuple[float, str]]] = {}
    for view in seen:
        last = view.status.backoff
        at = backoff.failed_at(last)
        if at is not None and abs(now - at) <= terms.window:
            failures.setdefault(last.reason or "", []).append((at, str(view.workload)))
    for kind, found in sorted(failures.items()):
        newest = max(at for at, _ in found)
        if len(found) >= terms.workloads and not any(at > newest for at in _proofs(seen)):
            return kind or "unknown", sorted(name for _, name in found)
    return None


def _proofs(views: Iterable[View]) -> Iterator[float]:
    """Creation times of the pods that are Ready with the stored size."""
    for view in views:
        for one in view.states if view.size else ():
            if one.ready and one.current and one.bears(view.size):
                yield one.created
