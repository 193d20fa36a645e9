"""The steps up of `track` for CPU. What the long window asks for: track_aim.py. Pure.

| the replica that uses most                         | outcome                                     |
| -------------------------------------------------- | ------------------------------------------- |
| reaches 95 % of its limit, or is throttled in most | *pinned*: what it would use is not known.   |
| periods of its minute                              | Up to the highest that the window knows and |
|                                                    | 10 %; beyond that 3 times, then 4 times     |
| uses twice its request, or 1.2 times where there   | up to what it uses (10 % more where there   |
| is no limit                                        | is no limit)                                |
| either, but it was raised before: n climbs in the  | `InBounds` until it is so for 2^n minutes   |
| window                                             | in a row, 30 at most                        |
| less, but the window asks for 20 % more, and       | up to that                                  |
| nothing has changed for an hour                    |                                             |
| less                                               | `InBounds`                                  |
| is killed before it has a minute, and throttled    | `Throttled`, 3 times: starved.py            |
| all the time                                       |                                             |
| none has a minute                                  | `StaleUsage`, `WarmingUp` or `NoUsage`      |
| neither request nor limit, or they are zero        | `NothingToScale`                            |
| `limits: keep` and the request is the limit        | `AtMaximum`                                 |
"""

from math import ceil

from msgspec.structs import replace

from kube.quantity import format_cpu
from scaler.annotations.options import Limits
from scaler.policies import burst, missing, starved, step, track_log
from scaler.policies.policy import Container, Usage
from scaler.policies.proposal import Proposal
from scaler.policies.quiet import throttled
from scaler.policies.track_aim import (
    MARGIN,
    PINNED,
    Hottest,
    aim,
    changed_lately,
    covering,
    followed,
)
from scaler.usage import long_window
from store.amounts import Base
from store.reasons import Reason

FACTORS = (3, 4)
HIGHEST = 0.999
MORE = 1.2
_HOUR = 60  # minutes that must be known before the window raises anything
_LONGEST = 30  # minutes that a container is pinned at most before it gets more

if _LONGEST > long_window.RECENT:
    raise AssertionError("the window does not remember as many single minutes")


def up(container: Container, usage: Usage) -> Proposal:
    """The proposed CPU value in millicores, or why there is none."""
    name, base = container.name, missing.base_of(container)
    if isinstance(base, Proposal):
        return base
    hottest = followed(base, usage)
    if hottest is None:
        return _starving(container, base, usage) or missing.why(name, usage.minutes)
    used = _used(name, hottest)
    calm = Proposal(None, Reason.IN_BOUNDS, used, hottest.pressure)
    if hottest.level:
        return _raised(container, usage, hottest, calm)
    return _asked_for(container, usage, base, calm) or calm


def _starving(container: Container, base: Base, usage: Usage) -> Proposal | None:
    """The step up for a container that never has a minute; None: it is no such one."""
    why = starved.why(container, base, usage)
    if why is None:
        return None
    wanted = Proposal(None, Reason.THROTTLED, why, PINNED)
    if kept := missing.kept(container, base, wanted):
        return kept
    value = step.start(base, container.options.limits) * FACTORS[0]
    return replace(wanted, value=value)


def _raised(container: Container, usage: Usage, hottest: Hottest, calm: Proposal) -> Proposal:
    """A quick step up, once it has lasted for long enough."""
    limits, base = container.options.limits, hottest.base
    climbed, _ = track_log.climb(usage.changes, container.name, "cpu", usage.now)
    if kept := missing.kept(container, base, calm):
        return kept
    due = 1 if climbed else _minutes_due(container, usage)
    lasted = 1
    if due > 1 and usage.long is not None:
        level = hottest.level if not throttled(hottest.minute) else 0.0
        lasted = max(1, long_window.streak(usage.long.recent, level, usage.now))
    if lasted < due:
        wait = f"{calm.message}, for {lasted} of {due} minutes: it was raised often before"
        return Proposal(None, Reason.IN_BOUNDS, wait, calm.pressure)
    value, why = _target(container, usage, hottest, climbed)
    now = step.start(base, limits)
    if value <= now:
        return calm
    only_throttled = throttled(hottest.minute) and hottest.pressure < PINNED
    reason = Reason.THROTTLED if only_throttled else Reason.TRACKED
    return Proposal(value, reason, f"{calm.message}: {why}", calm.pressure)


def _minutes_due(container: Container, usage: Usage) -> int:
    since = usage.now - usage.horizon.window
    times = track_log.climbs(usage.changes, container.name, "cpu", since)
    return int(min(2**times, _LONGEST))


def _target(container: Container, usage: Usage, hottest: Hottest, climbed: int) -> tuple[int, str]:
    """The value of a quick step up, and why that."""
    base, limits, mean = hottest.base, container.options.limits, hottest.minute.mean
    now = step.start(base, limits)
    if limits is Limits.KEEP or not hottest.pinned:
        value = covering(base, limits, mean * MARGIN, mean)
        return max(value, ceil(now * step.SMALLEST_STEP)), "far more than its request"
    known = usage.long
    if known is not None and base.limit is not None and known.surpassed > base.limit:
        highest = covering(base, limits, known.percentiles(HIGHEST)[0] * MARGIN, 0.0)
        return max(highest, ceil(now * step.SMALLEST_STEP)), "up to what it used before"
    factor = FACTORS[min(climbed, len(FACTORS) - 1)]
    value = max(now * factor, ceil(mean * MARGIN))
    return value, f"what it would use is not known, {factor} times as much"


def _asked_for(container: Container, usage: Usage, base: Base, calm: Proposal) -> Proposal | None:
    """A step up to what the window asks for; None where there is none, or something has changed."""
    window, limits = usage.long, container.options.limits
    if window is None or window.minutes < _HOUR or changed_lately(usage):
        return None
    value, now = aim(base, limits, window), step.start(base, limits)
    if value < now * MORE:
        return None
    asked = f"{calm.message}; its last {window.minutes} minutes ask for {format_cpu(value)}"
    return Proposal(value, Reason.TRACKED, asked, calm.pressure)


def _used(name: str, hottest: Hottest) -> str:
    minute, base = hottest.minute, hottest.base
    whose = f"{hottest.replica}: " if hottest.replica else ""
    text = f"{whose}{name} used {minute.mean:.0f}m of {format_cpu(base.value)}"
    text += f" for {burst.duration(minute.seconds)}"
    if throttled(minute):
        text += f", throttled in {100 * (minute.throttled or 0.0):.0f} % of its periods"
    return text
