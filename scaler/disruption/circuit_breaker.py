"""Have several workloads failed alike of late? Then something is wrong that is not theirs. Pure.

A webhook that lost its way, a registry that is down, a broken node: each next pod would only be one
more victim. Everything is read from the statuses and the pods, so that a restart forgets nothing.

| of the workloads' last failures                         | then                           |
| ------------------------------------------------------- | ------------------------------ |
| fewer than three of one kind within ten minutes         | nothing                        |
| three or more, and a pod made since the last of them is | nothing: it is over            |
| Ready with the stored size                              |                                |
| three or more, and none is                              | tripped: see cluster_limits.py |

A failure lies as long before the end of its wait as that wait is long, see backoff.py. One that a
clock which was ahead has written counts while it is as near.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scaler.cluster import backoff
from scaler.cluster.view import View


@dataclass(frozen=True, slots=True)
class Terms:
    """How many workloads make a pattern, within how many seconds, and those between trials."""

    workloads: int = 3
    window: float = 600.0
    pause: float = 60.0


def tripped(views: Iterable[View], terms: Terms, now: float) -> str | None:
    """What they have in common, in a sentence; None where no pod need be held back for it."""
    seen = list(views)
    failures: dict[str, list[tuple[float, str]]] = {}
    for view in seen:
        last = view.status.backoff
        at = backoff.failed_at(last)
        if at is not None and abs(now - at) <= terms.window:
            failures.setdefault(last.reason or "", []).append((at, str(view.workload)))
    for kind, found in sorted(failures.items()):
        newest = max(at for at, _ in found)
        if len(found) >= terms.workloads and not any(at > newest for at in _proofs(seen)):
            names = ", ".join(sorted(name for _, name in found)[:3])
            return f"{len(found)} workloads failed alike ({kind or 'unknown'}): {names}"
    return None


def _proofs(views: Iterable[View]) -> Iterator[float]:
    """When pods were made that are Ready now with the size that their store says."""
    for view in views:
        for one in view.states if view.size else ():
            if one.ready and one.current and one.bears(view.size):
                yield one.created
