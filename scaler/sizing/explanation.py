"""Picks the one reason to report for a workload where several apply; highest priority first. Pure.

An edited manifest, a basis that was learnt again, a container that is gone, a size that is stored
again, a size by hand that was set or removed, the container that is changed, the one closest to its
limit. `AtMinimum` is reported only where it holds for all containers, and of memory only what is
done, or stands in the way: that there is nothing to do for it says less than what CPU does.
"""

from collections.abc import Sequence
from functools import partial

from scaler.annotations.options import Mode
from scaler.cluster import modes
from scaler.model import Decision
from scaler.sizing.stored_size import SizingCase
from store import amounts
from store.model import Sizes
from store.reasons import Reason

_NOTHING_TO_DO = (
    *(Reason.IN_BOUNDS, Reason.NOTHING_TO_SCALE, Reason.WARMING_UP),
    *(Reason.NO_USAGE, Reason.STALE_USAGE),
)


def reported(case: SizingCase, decisions: Sequence[Decision], by_hand: Sizes) -> tuple[Reason, str]:
    """Reason and message for the workload."""
    if case.manifest_edits.edited:
        what = ", ".join(f"{resource} of {name}" for name, resource in case.manifest_edits.edited)
        return Reason.MANIFEST_CHANGED, f"the manifest's {what} was edited and is in force"
    if case.manifest_edits.again:
        return _last(case), "the basis was learnt again from the pods"
    stored = case.manifest_edits.size.containers if case.manifest_edits.size else ()
    if gone := [c.name for c in stored if c.name not in case.before]:
        return Reason.MANIFEST_CHANGED, f"the manifest no longer has: {', '.join(gone)}"
    if case.manifest_edits.returned:
        return Reason.MANUAL, "enrolled again: the size that the pods still have is stored"
    if changed := [n for n, s in by_hand.items() if s != case.before[n]]:
        return _changed(case, changed, by_hand)
    if case.by_hand and not any(map(_speaks, decisions)):
        return Reason.MANUAL, "set by hand"
    if not decisions:
        return Reason.NOTHING_TO_SCALE, "podtailor may scale no container of the workload"
    decisive = max(decisions, key=partial(_due, case))
    if decisive.target and not _acting(case, decisive) and not _observing(case):
        return Reason.OBSERVING, f"would be {decisive.reason}: {decisive.message}"
    return decisive.reason, decisive.message


def _changed(case: SizingCase, names: list[str], sizes: Sizes) -> tuple[Reason, str]:
    """What a size by hand, set or removed, has changed."""
    now = case.before
    values = [
        f"{n}: {r} {amounts.text(now[n], r) or 'unset'} to {amounts.text(sizes[n], r) or 'unset'}"
        for n in names
        for r in amounts.RESOURCES
        if not amounts.same(now[n], sizes[n], r)
    ]
    off = all(case.settings.container(n).mode is Mode.OFF for n in names)
    how = "opted out" if off else "by hand" if case.by_hand else "handed back"
    return Reason.OPTED_OUT if off else Reason.MANUAL, f"{how}, {', '.join(values)}"


def _last(case: SizingCase) -> Reason:
    """The reason of the change that the pods are given once more."""
    changes = case.view.status.changes
    return changes[0].reason if changes else Reason.MANIFEST_CHANGED


def _due(case: SizingCase, d: Decision) -> tuple[bool, bool, bool, float]:
    due = _acting(case, d) and bool(d.target)
    return due, _speaks(d), d.reason is not Reason.AT_MINIMUM, d.pressure


def _speaks(d: Decision) -> bool:
    return d.resource == "cpu" or d.reason not in _NOTHING_TO_DO


def _acting(case: SizingCase, decision: Decision) -> bool:
    return modes.acts(case.settings, decision.container)


def _observing(case: SizingCase) -> bool:
    return modes.only_observes(case.view, case.settings)
