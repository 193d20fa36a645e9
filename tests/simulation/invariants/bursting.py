"""What must hold of steps up for a burst, and of what node agents say once a minute."""

import re

from scaler.usage.window import Minute
from store.reasons import Reason
from store.records import Change
from tests.simulation import facts
from tests.simulation.invariants import pins
from tests.simulation.invariants.about import Cycle, Taking, Writing, key_of, values
from tests.simulation.invariants.registry import each_cycle, when_taking, when_writing
from tests.simulation.perturbing import CLOCK_STEPS

_UP = (Reason.DOUBLED, Reason.TRACKED, Reason.THROTTLED)
_SHORT = re.compile(r" for (\d\.\d|[1-5]\d) s\b")
"""What a decision says of how long it was so: less than a minute only where an agent said it."""
_WINDOW, _GUARD = 600.0, 120.0
_SLACK = 5.0


@when_writing("a burst raises only what was at its present limit for half a second, just now")
def burst_earned(w: Writing) -> str | None:
    for change in raised(w):
        if not pins.reported(w, change):
            return f"{change}: {w.new.status.message}"
    return None


@when_writing("no container is raised for bursts more often in ten minutes than is set")
def bursts_are_few(w: Writing) -> str | None:
    now = w.world.timeline.now
    for change in raised(w):
        times = w.memory.bursts[w.new.uid, change.container]
        lately = [at for at in times if now - at < _WINDOW - _SLACK]
        times.append(now)
        if len(lately) >= w.subject.settings.bursts and not w.world.perturbed & CLOCK_STEPS:
            return f"{change}, after {len(lately)} others"
    return None


@when_taking("nothing is replaced for a burst")
def nothing_replaced_for_a_burst(t: Taking) -> str | None:
    if t.podsize is None or t.in_need or t.down or t.world.perturbed & CLOCK_STEPS:
        return None
    newest = next(iter(t.podsize.status.changes), None)
    if newest is None or newest.resource != "cpu" or facts.annotation(t.known, "burst") != "on":
        return None
    times = t.memory.bursts[t.podsize.uid, newest.container]
    since = t.world.timeline.now - times[-1] if times else _GUARD
    if since >= _GUARD - _SLACK or _looping(t):
        return None
    return f"{t.name}, {since:.0f} s after {newest}"


@each_cycle("what agents say once a minute makes no minute, and none smaller: silence is not zero")
def minutes_stay(c: Cycle) -> str | None:
    loop, now = c.subject.loop, c.subject.now()
    if loop.around.agents is None:
        return None
    minute_of = loop.around.minute_of(now)
    for view in loop.memory.views.values():
        for state in view.states:
            for name in state.actual:
                had = loop.windows.minute(state.pod, name, now)
                has = minute_of(state.pod, name)
                if not _same(had, has):
                    return f"{state.name}: {has} of {had}"
    return None


def raised(w: Writing) -> list[Change]:
    """The lines that this write has added for bursts."""
    old, new = dict(values(w.old)), dict(values(w.new))
    if not pins.bursting(w) or not _SHORT.search(w.new.status.message):
        return []
    fresh = [c for reason in _UP for c in w.fresh(reason) if c.resource == "cpu"]
    said = [c for c in fresh if f"{c.container} " in w.new.status.message]
    return [c for c in said if pins.grew(c) and old.get(key_of(c)) != new.get(key_of(c))]


def _looping(t: Taking) -> bool:
    statuses = t.seen["status"].get("containerStatuses") or ()
    return any(s["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff" for s in statuses)


def _same(had: object, has: object) -> bool:
    if not isinstance(had, Minute) or not isinstance(has, Minute):
        return had == has
    peaks = has.peak or 0.0, had.peak or 0.0
    return peaks[0] >= peaks[1] and (had.mean, had.throttled, had.memory, had.received) == (
        has.mean,
        has.throttled,
        has.memory,
        has.received,
    )
