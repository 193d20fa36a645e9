"""What must hold for each step down of the policy `track`, by the true clock and the true usage."""

from kube import quantity, timestamps
from store.reasons import Reason
from store.records import Change
from tests.simulation.counters import Counter
from tests.simulation.invariants.about import Writing, entries, key_of, values
from tests.simulation.invariants.halving import held_against
from tests.simulation.invariants.registry import when_writing
from tests.simulation.invariants.writing import first_of_kind, left_out
from tests.simulation.perturbing import CLOCK_STEPS

_SLACK = 5.0
_LATELY = 600.0
"""Seconds whose minutes a smaller size must cover: some less than the policy promises."""
_MINUTE = (59.9, 120.1)
_UNREAD = 120.0
"""Seconds before a decision, and after a process began, whose readings it may not have had."""


@when_writing(
    "track makes nothing smaller within its pause since any change, of the workload or on that kind"
)
def tracking_patient(w: Writing) -> str | None:
    if w.world.perturbed & CLOCK_STEPS:
        return None
    for change in _down(w):
        same = (c for c in w.old.status.changes if c.node_class == change.node_class)
        last = next(same, None)
        at = timestamps.seconds(last.at) if last else None
        since = None if at is None else w.world.timeline.now - at
        if since is not None and since < w.subject.settings.track_pause - _SLACK:
            return f"{change}: {since:.0f} s after {last}"
    return None


@when_writing("before it has learnt, a process makes nothing smaller than it was before it grew")
def tracking_learnt(w: Writing) -> str | None:
    begun = w.memory.begun.get(w.subject.connection.actor)
    if w.world.disk is not None:  # what the first process has learnt is known to the next
        begun = min(w.memory.begun.values(), default=None)
    if begun is None or w.world.timeline.now - begun >= w.subject.settings.track_learning - _SLACK:
        return None
    for change in (c for c in _down(w) if not first_of_kind(w, c)):
        ups = [c for c in w.old.status.changes if _same(c, change) and _grew(c)]
        least = min((_amount(c.before) for c in ups), default=None)
        if least is None or _amount(change.after) < least:
            return f"{change} after {w.world.timeline.now - begun:.0f} s"
    return None


@when_writing("track makes nothing smaller than what a pod used in its last minutes")
def tracking_covers(w: Writing) -> str | None:
    for change in _down(w):
        key = (w.new.workload.name, change.container)
        for counter in w.world.kubelets.counters.all.get(key, []):
            if detail := _above(w, counter, change):
                return f"{change}: {counter.pod} {detail}"
    return None


def _down(w: Writing) -> list[Change]:
    before, after = dict(values(w.old)), dict(values(w.new))
    given = entries(w.new.status.size)
    unlimited = {key for key, c in given if c.size.limits.cpu is None} - before.keys()
    return [
        c
        for c in w.fresh(Reason.TRACKED)
        if c.resource == "cpu"
        and _amount(c.after) < _amount(c.before)
        and before.get(key_of(c)) != after.get(key_of(c))
        and key_of(c) not in unlimited
    ]


def _same(a: Change, b: Change) -> bool:
    return (key_of(a), a.resource) == (key_of(b), b.resource)


def _grew(change: Change) -> bool:
    return _amount(change.before) < _amount(change.after)


def _amount(text: str | None) -> int:
    return quantity.cpu(text or "0")


def _above(w: Writing, counter: Counter, change: Change) -> str | None:
    now, base = w.world.timeline.now, _amount(change.after)
    counts = held_against(w, counter, change)
    begun = w.memory.begun.get(w.subject.connection.actor, now)
    first = counter.started + max(60.0, left_out(w, counter) + 5.0)
    looks = [look for look in counter.looks if look[0] >= first]
    for end, used in reversed(looks):
        if end < max(now - _LATELY, begun + _UNREAD):
            return None
        if end > now - _UNREAD or not counter.running:
            continue
        begin = next(((t, u) for t, u in reversed(looks) if end - t >= _MINUTE[0]), None)
        if begin is None or end - begin[0] > _MINUTE[1] or not counts(begin[0], end):
            continue
        mean = (used - begin[1]) / (end - begin[0]) * 1000
        if mean > base + 1:
            return f"used {mean:.0f}m until {now - end:.0f} s ago"
    return None
