"""Contributing pods: those whose usage counts for a container's size. Pure.

| a pod of the workload that is not terminating                 | contributes                     |
| ------------------------------------------------------------- | ------------------------------- |
| its container has exactly what a new pod would get            | yes                             |
| it has more, and the container's last change was a policy's   | yes: if it needs more than the  |
| step down                                                     | smaller size, it gets it back   |
| somebody has resized it in place                              | yes: its use is a need as well  |
| otherwise: an older revision or manifest                      | no: it has another size         |

Without the second row, a pod that cannot be replaced (the only one, or a budget) would be ignored
at its own limit as soon as a smaller size is stored.

What counts as killed for want of memory: killed_containers.py.

What a container used in its start-up, where that was learnt (policies/start_up.py), says nothing of
the CPU that it needs later, so these minutes are left out; what they say of memory counts.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from kube import objects, pods
from kube.memo import once
from scaler.agents.heat import HeatOf, unknown
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.model import Stretches
from scaler.policies import start_up, table
from scaler.policies.policy import Horizon, Patience, PodMinute, Usage
from scaler.sizing import governing, killed_containers, pinned_pods
from scaler.sizing.pinned_pods import PinnedOf, nothing
from scaler.sizing.stored_size import SizingCase
from scaler.usage import window
from scaler.usage.long_window import LongWindow
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.model import Size

YOUNG = 2 * window.SECONDS + 30.0
"""Seconds after a container's start in which a missing minute of usage is normal."""

MinuteOf = Callable[[objects.Pod, str], Minute | NoMinute]
UsageOf = Callable[[str, str], Usage]
"""Of a container, for a decision on a resource."""


class Watched(Struct, frozen=True):
    """What is known of a workload's usage; `now` in seconds since the epoch."""

    minute_of: MinuteOf
    now: float
    patience: Patience = Patience()
    stretches: Stretches = field(default_factory=dict)
    """By container, as of this process's last look."""
    node_short: Callable[[objects.Pod, float], bool] = lambda pod, at: False
    """Whether a pod's node was short of memory at a time."""
    long: Mapping[str, LongWindow] = field(default_factory=dict)
    """By container, where its policy asks for one."""
    horizon: Horizon = Horizon()
    pinned_of: PinnedOf = nothing
    """What node agents say of a pod's container."""
    bursts: int = 3
    heat_of: HeatOf = unknown
    """What the agent of a node says of its clocks and its heat."""


def usage_of(case: SizingCase, watched: Watched) -> UsageOf:
    """What a policy may know of a container; worked out once, however often it is asked for."""
    learnt = {one.name for one in case.view.status.start_ups}
    known: dict[tuple[str, bool], Usage] = {}

    def usage(name: str, resource: str) -> Usage:
        which = (name, name in learnt and resource == "cpu")
        if which not in known:
            known[which] = _usage(case, watched, name, cpu=which[1])
        return known[which]

    return usage


def _usage(case: SizingCase, watched: Watched, name: str, *, cpu: bool) -> Usage:
    status, counted, having = case.view.status, _contributing_of(case)[name], _having(case)[name]
    if cpu:
        left = [left_out(case.view, s, name) for s in having]
        pods = [pod_minute(s.pod, name, watched, w) for s, w in zip(having, left, strict=True)]
    else:
        minute_of = watched.minute_of  # most pods have a minute: no call more for each of them
        pods = [
            PodMinute(found)
            if isinstance(found := minute_of(s.pod, name), Minute)
            else pod_minute(s.pod, name, watched)
            for s in having
        ]
    options = case.settings.container(name)
    return Usage(
        now=watched.now,
        minutes=[pods[number].minute for number in counted],
        pods=pods,
        kills=killed_containers.kills(case.view, name, watched.node_short),
        stretch=watched.stretches.get(name),
        stored=next((q for q in status.quiet if q.name == name), None),
        changes=status.changes,
        patience=watched.patience,
        replicas=[having[number].name for number in counted],
        long=watched.long.get(name),
        horizon=watched.horizon,
        pinned=_pinned(case, watched, name) if options.burst else (),
        bursts=watched.bursts,
    )


def _pinned(case: SizingCase, watched: Watched, name: str) -> list[tuple[str, Minute]]:
    """The pods that are pinned at their limit just now, as far as that counts."""
    having, found = _having(case)[name], []
    changed = pinned_pods.changed(case.view.status.changes, name)
    for state in (having[number] for number in _contributing_of(case)[name]):
        terms = pinned_pods.Terms(watched.now, changed, left_out(case.view, state, name))
        said = watched.pinned_of(state.pod, name)
        if minute := pinned_pods.minute(state, name, said, terms):
            found.append((state.name, minute))
    return found


def left_out(view: View, state: PodState, name: str) -> float:
    """Seconds after its start in which a container's CPU says nothing."""
    known = next((one for one in view.status.start_ups if one.name == name), None)
    if known is None:
        return 0.0
    base = amounts.base_of(state.actual[name], "cpu")
    return start_up.wait(known, base.value) if base else 0.0


def pod_minute(pod: objects.Pod, name: str, watched: Watched, start: float = 0.0) -> PodMinute:
    """One pod's minute, or why it has none; `start`: the seconds of its start-up."""
    minute = watched.minute_of(pod, name)
    if isinstance(minute, Minute) and not start:
        return PodMinute(minute)
    began = pods.started(pod, name)
    if start and began is not None:
        minute = start_up.settled(minute, began, start)
    if isinstance(minute, Minute):
        return PodMinute(minute)
    young = began is None or watched.now - began < YOUNG + start
    return PodMinute(minute, young, pods.killed(pod, name))


@once
def _having(case: SizingCase) -> dict[str, list[PodState]]:
    """The pods that have a container, by its name."""
    there = case.view.not_terminating
    return {name: [s for s in there if name in s.actual] for name in case.before}


@once
def _contributing_of(case: SizingCase) -> dict[str, list[int]]:
    """Which of them contribute, by the table above."""
    return {name: _contributing(case, name) for name in case.before}


def _contributing(case: SizingCase, name: str) -> list[int]:
    now, down = case.before[name], _lowered(case, name)
    sizes = enumerate((s, s.actual[name]) for s in _having(case)[name])
    return [
        number
        for number, (s, had) in sizes
        if had == now or s.resized or any(_larger(had, now, r) for r in down)
    ]


def _lowered(case: SizingCase, name: str) -> list[str]:
    """The resources that its policy moves, and of which the last change was a step down."""
    out = []
    for resource in governing.policy_of(case.settings, name).resources:
        mine = (
            c for c in case.view.status.changes if (c.container, c.resource) == (name, resource)
        )
        last = next(mine, None)
        out += [resource] if last and table.lowered(last) else []
    return out


def _larger(had: Size, now: Size, resource: str) -> bool:
    bases = amounts.base_of(had, resource), amounts.base_of(now, resource)
    return bool(bases[0] and bases[1] and bases[0].value > bases[1].value)
