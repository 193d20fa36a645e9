"""What one write puts into the history: a minute of every enrolled container. Pure.

| a container of a workload's pods that are not terminating | is                                   |
| --------------------------------------------------------- | ------------------------------------ |
| at least one of them has a minute of usage                | a row, of those that have one        |
| none has one                                              | left out: unknown is not zero        |
| the quantities of a pod cannot be read                    | left out with its workload           |

The minute is the last whole one of the clock, so that all containers share their times. Each of
its figures is of the replica that has most of it; request and limit, of the one with most CPU.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import floor

from msgspec import Struct, field

from scaler.annotations.options import Mode, Settings
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.cluster.views import Views
from scaler.history.gone import Gone
from scaler.history.row import Row
from scaler.model import Action, Plan
from scaler.sizing.evidence import MinuteOf
from scaler.sizing.remembered import LongWindows
from scaler.usage.window import Minute
from store.model import Status, Workload
from store.records import Change

MINUTE = 60

Rows = Mapping[tuple[Workload, str], Row]


class Entry(Struct, frozen=True):
    """All that is written once a minute; `now` in seconds since the epoch."""

    now: float
    rows: Rows = field(default_factory=dict)
    changes: Mapping[Workload, tuple[Change, ...]] = field(default_factory=dict)
    state: bytes = b""
    """See state.py; empty: what is in the file stays."""
    long: Mapping[Workload, LongWindows] | None = None
    """None: what is in the file stays."""
    gone: Mapping[Workload, Gone] = field(default_factory=dict)
    """The last words on those that have gone while this process ran."""


def slot(now: float) -> int:
    """When the last whole minute of the clock began, in seconds since the epoch."""
    return (floor(now / MINUTE) - 1) * MINUTE


def rows(views: Iterable[View], minute_of: MinuteOf, now: float) -> dict[tuple[Workload, str], Row]:
    """A row of each container, by the table above."""
    at = slot(now)
    return {
        (view.workload, name): row
        for view in views
        if enrolled(view)
        for name, row in _rows(view, minute_of, at)
    }


def changes(views: Iterable[View]) -> dict[Workload, tuple[Change, ...]]:
    """What the statuses of enrolled workloads say of their changes."""
    return {v.workload: v.status.changes for v in views if v.status.changes}


def decided(plans: Iterable[Plan], views: Views) -> list[View]:
    """The views of workloads that this cycle gives another size."""
    found = (v for p in plans if (v := views.get(p.workload)) and _changes(p.action, v))
    return [*found]


def _changes(action: Action, view: View) -> bool:
    status = getattr(action, "status", None)
    return isinstance(status, Status) and status.changes != view.status.changes


def pods(views: Iterable[View]) -> set[tuple[str, str]]:
    """Namespace and name of each pod whose readings are kept."""
    return {
        (pod.metadata.namespace, pod.metadata.name)
        for view in views
        if enrolled(view)
        for pod in view.pods
    }


def enrolled(view: View) -> bool:
    """Whether the workload is ours now, also while an annotation of it is malformed."""
    settings = view.settings
    if isinstance(settings, Settings):
        return settings.mode is not Mode.OFF
    return settings is not None


def _rows(view: View, minute_of: MinuteOf, at: int) -> Iterator[tuple[str, Row]]:
    try:
        states = view.not_terminating
    except ValueError:
        return
    for name in {n: None for s in states for n in s.actual}:
        known = [
            (minute, s)
            for s in states
            if name in s.actual and isinstance(minute := minute_of(s.pod, name), Minute)
        ]
        if known:
            yield name, _row(name, known, at)


def _row(name: str, known: list[tuple[Minute, PodState]], at: int) -> Row:
    most, state = max(known, key=lambda one: one[0].mean)
    size = state.actual[name]
    minutes = [minute for minute, _ in known]
    peaks = (m.mean if m.peak is None else m.peak for m in minutes)
    return Row(
        at,
        MINUTE,
        most.mean,
        max(most.mean, *peaks),
        max((m.throttled for m in minutes if m.throttled is not None), default=None),
        max((m.needed_peak for m in minutes if m.needed_peak is not None), default=None),
        max(m.memory for m in minutes),
        size.requests.cpu,
        size.limits.cpu,
        size.requests.memory,
        size.limits.memory,
    )
