"""The steps down of `track`: to what the long window asks for. Pure.

| a resource whose step up is `InBounds`             | outcome                                     |
| -------------------------------------------------- | ------------------------------------------- |
| `direction: up`                                    | nothing                                     |
| a replica is not known, and its container is not   | nothing: unknown is not little              |
| young                                              |                                             |
| it is pinned, and waits for a step up              | nothing                                     |
| something of the workload has changed within the   | nothing                                     |
| last hour                                          |                                             |
| CPU that climbed within the last two hours, and    | nothing: it is likely to come back          |
| not for the first time in the window               |                                             |
| memory that was raised within a day                | nothing: it may grow on                     |
| less than a day of it is known                     | nothing; CPU that was a guess is given back |
|                                                    | down to the size before that climb          |
| what the window and the last quarter of an hour    | down to that, at least the minimum          |
| ask for is 10 % less                               |                                             |
| it is not                                          | nothing: the dead band                      |

CPU: track_aim.py says what the window asks for. Memory: the peak of the working set and 20 % for
the limit, and three quarters of the peak for the request, as page cache that is used is left room.
"""

from math import ceil

from kube import timestamps
from kube.quantity import format_cpu, format_memory
from scaler.annotations.options import Direction, Limits
from scaler.policies import step, track_aim, track_log
from scaler.policies.policy import Container, Usage
from scaler.policies.proposal import Proposal
from scaler.usage.long_window import LongWindow
from scaler.usage.window import Minute
from store import amounts
from store.amounts import Base
from store.reasons import Reason

LATELY = 15
"""Minutes that a smaller size must cover whole."""
AGAIN = 2
"""Pauses after a step up of another climb in the window."""
MEMORY_MARGIN = 1.2
MEMORY_REQUESTED = 0.75
MEBI = 1024**2
LEAST_MEMORY = 16 * MEBI
"""Bytes: no memory is made smaller than that; a runtime needs some to start a container at all."""
_FAR = 0.55  # of the highest late minute: less would be far below it at once (track_aim.FAR)


def proposed(container: Container, usage: Usage) -> Proposal | None:
    """The step down; None where the size stays."""
    base, window = amounts.base_of(container.size, container.resource), usage.long
    if base is None or window is None or container.options.direction is not Direction.BOTH:
        return None
    known = [p.minute for p in usage.pods if isinstance(p.minute, Minute)]
    unknown = any(not p.young for p in usage.pods if not isinstance(p.minute, Minute))
    if not known or unknown or track_aim.changed_lately(usage):
        return None
    if container.resource == "cpu" and _climbed_again(container, usage):
        return None
    least = _least(container, usage, base)
    if least is None:
        return None
    if container.resource == "cpu":
        value, why = _cpu(container, usage, base, window)
    else:
        value, why = _memory(container, known, base, window)
    value = max(value, least)
    if not 1 <= value <= step.most_down(base, container.options.limits):
        return None
    return Proposal(value, Reason.TRACKED, why)


def _climbed_again(container: Container, usage: Usage) -> bool:
    """Whether its last step up is recent, and not of the only climb in the window."""
    name, since = container.name, usage.now - usage.horizon.window
    if track_log.climbs(usage.changes, name, "cpu", since) < 2:
        return False
    last = next(track_log.steps_up(usage.changes, name, "cpu"), None)
    return last is not None and abs(usage.now - last[0]) < AGAIN * usage.horizon.pause


def _least(container: Container, usage: Usage, base: Base) -> int | None:
    """The lowest value that is allowed; None: none is, as too little is known."""
    options, resource = container.options, container.resource
    if resource == "memory" and _raised_lately(container, usage):
        return None
    kept = options.limits is Limits.KEEP and base.limit is not None
    least = 0 if kept else options.bounds.least(resource) or 0
    if usage.long is not None and usage.long.seconds >= usage.horizon.learning:
        return least
    if resource != "cpu" or step.start(base, options.limits) != base.value:
        return None
    before = track_log.risen_to(usage.changes, container.name, resource)
    return None if before is None else max(least, amounts.RESOURCES[resource].parse(before))


def _raised_lately(container: Container, usage: Usage) -> bool:
    """Whether its memory was raised within the time that takes to learn: it may grow on."""
    mine = (c for c in usage.changes if (c.container, c.resource) == (container.name, "memory"))
    last = next((c for c in mine if track_log.grew(c)), None)
    at = timestamps.seconds(last.at) if last else None
    return at is not None and abs(usage.now - at) < usage.horizon.learning


def _cpu(container: Container, usage: Usage, base: Base, window: LongWindow) -> tuple[int, str]:
    hottest, limits = track_aim.followed(base, usage), container.options.limits
    now = step.start(base, limits)
    if hottest is not None and hottest.level:
        return now, ""
    minutes = [m for _, m in window.recent[-LATELY:]]
    minutes += [p.minute.mean for p in usage.pods if isinstance(p.minute, Minute)]
    late = sorted(minutes)
    highest, most = late[-1], late[int(track_aim.REQUESTED * len(late))]
    covered = track_aim.covering(
        base, limits, highest * track_aim.MARGIN, max(most, highest * _FAR)
    )
    value = max(track_aim.aim(base, limits, window), covered)
    share = 100 * track_aim.COVERED
    return value, f"its last {window.minutes} minutes ask for {format_cpu(value)} ({share:.0f} %)"


def _memory(
    container: Container, known: list[Minute], base: Base, window: LongWindow
) -> tuple[int, str]:
    used = max(m.memory for m in known)
    needs = [n for n in (window.needed, *(m.needed_peak for m in known)) if n is not None]
    peak = max(window.memory, used, *needs)
    if container.options.limits is Limits.KEEP and base.limit is not None:
        value = min(base.limit, _rounded(peak))
    else:
        share = base.limit / base.request if base.limit and base.request else 0.0
        value = _rounded(max(peak * MEMORY_MARGIN, peak * MEMORY_REQUESTED * share))
    why = f"its working set reached {format_memory(peak)} in {window.minutes} minutes"
    if needs and max(needs) < peak:
        why += f", page cache with it: at most {format_memory(max(needs))} cannot be reclaimed"
    return max(value, LEAST_MEMORY), why


def _rounded(value: float) -> int:
    """Up to a whole MiB."""
    return ceil(value / MEBI) * MEBI
