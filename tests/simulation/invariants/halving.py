"""What must hold for each halving, by what the containers really used and by the true clock.

A minute that nobody could read is not held against the scaler: one that ended in the first minutes
of a process, or within a reading's way of either end of the time that a halving takes.
"""

from math import inf

from kube import quantity
from store.model import Size
from store.reasons import Reason
from store.records import Change
from tests.simulation import facts
from tests.simulation.counters import Counter
from tests.simulation.invariants import minutes
from tests.simulation.invariants.about import Writing, entries, key_of, values
from tests.simulation.invariants.minutes import Counts
from tests.simulation.invariants.registry import when_writing
from tests.simulation.invariants.writing import left_out

_MINUTE = (59.9, 120.1)
_FIRST_MINUTES = 240.0
"""Seconds before and after a process' first cycle: its readings start over."""
_SLACK = 5.0
_PERIODS = 10.0


@when_writing("a size halves only when no minute of any pod reached the level for the whole time")
def halving_earned(w: Writing) -> str | None:
    for change in w.fresh(Reason.HALVED):
        if dict(values(w.old)).get(key_of(change)) == dict(values(w.new)).get(key_of(change)):
            continue  # what pods come with was learnt again
        counters = w.world.kubelets.counters.all.get((w.new.workload.name, change.container), [])
        base = quantity.cpu(change.before or "0")
        level = base * w.subject.settings.halve_below / 100
        for counter in counters:
            if detail := _busy(w, counter, level, held_against(w, counter, change)):
                return (
                    f"{change.container} {change.before} to {change.after}: {counter.pod} {detail}"
                )
    return None


@when_writing(
    "nothing is halved before its time is over since a doubling, of the workload or on that kind"
)
def halving_after_doubling(w: Writing) -> str | None:
    for change in w.fresh(Reason.HALVED):
        at = w.memory.doubled_at.get((w.new.uid, change.node_class))
        ago = inf if at is None else w.world.timeline.now - at
        if ago < w.subject.settings.halve_quiet - _SLACK:
            return f"{ago:.0f} s ago"
    return None


@when_writing(
    "nothing is halved below its manifest, or `cpu-min` where that is set, but for a maximum"
)
def halving_above_the_floor(w: Writing) -> str | None:
    for change in w.fresh(Reason.HALVED):
        found = dict(entries(w.new.status.size)).get(key_of(change))
        if found is None:
            return f"{change.container} is not in the size"
        if detail := _too_small(w, change, found.size, found.basis):
            return detail
    return None


@when_writing("`direction: up` never shrinks")
def halving_allowed(w: Writing) -> str | None:
    up = w.known is not None and facts.annotation(w.known, "direction") == "up"
    return f"{w.fresh(Reason.HALVED)}" if up and w.fresh(Reason.HALVED) else None


def _too_small(w: Writing, change: Change, size: Size, came: Size) -> str | None:
    least = w.known and facts.annotation(w.known, "cpu-min")
    most = _most(w, change.container)
    if least is not None:
        base = size.requests.cpu if size.limits.cpu is None else size.limits.cpu
        low = (base or 0) < min(quantity.cpu(str(least)), most)
        kept = w.known is not None and facts.annotation(w.known, "limits") == "keep"
        return f"{change}: below {least}" if low and not kept else None
    for part in ("requests", "limits"):
        has, had = getattr(size, part).cpu, getattr(came, part).cpu
        if has is not None and had is not None and has < min(had, most):
            return f"{change}: the manifest's {part} are {had}m"
    return None


def _most(w: Writing, container: str) -> float:
    """The smallest maximum in millicores; infinity: there is none."""
    own = facts.cpu_max(w.known, container) if w.known is not None else None
    return min((m for m in (own, w.subject.settings.cpu_max) if m is not None), default=inf)


def held_against(w: Writing, counter: Counter, change: Change) -> Counts:
    """Which minutes of a container speak against a step down: those on the kind of node that it is
    for. The default's pods have no kind of their own, where sizes are by kind of node."""
    size = w.new.status.size
    if change.node_class is None and size is not None and size.classes:
        return lambda begin, end: False
    return minutes.counts(w.world, counter, change.node_class)


def _throttled(counter: Counter, begin: float, end: float) -> float:
    """Periods in which it was throttled between two looks."""
    known = dict(counter.throttled)
    return known.get(end, 0.0) - known.get(begin, 0.0)


def _busy(w: Writing, counter: Counter, level: float, counts: Counts) -> str | None:
    now, settings = w.world.timeline.now, w.subject.settings
    unread = settings.interval + 90.0 + 30.0
    first = counter.started + max(60.0, left_out(w, counter) + 5.0)
    looks = [look for look in counter.looks if look[0] >= first]
    for end, used in reversed(looks):
        if end < now - settings.halve_quiet + unread:
            return None
        if end > now - unread or any(
            abs(end - b) < _FIRST_MINUTES for b in w.memory.begun.values()
        ):
            continue
        begin = next(((t, u) for t, u in reversed(looks) if end - t >= _MINUTE[0]), None)
        if begin is None or end - begin[0] > _MINUTE[1] or not counts(begin[0], end):
            continue
        if _throttled(counter, begin[0], end) > _PERIODS * (end - begin[0]) * 0.55:
            return f"was throttled until {now - end:.0f} s ago"
        mean = (used - begin[1]) / (end - begin[0]) * 1000
        if mean >= level + 1:
            return f"used {mean:.0f}m until {now - end:.0f} s ago, the level is {level:.0f}m"
    return None
