"""Whose usage speaks for a container's size. Pure.

| a pod of the workload, that nobody has begun to delete        | tells                           |
| ------------------------------------------------------------- | ------------------------------- |
| its container has just what a new pod would get               | yes                             |
| it has more, and the container's last change was a policy's   | yes: what it needs more of than |
| step down                                                     | is left comes back              |
| otherwise: an older revision or manifest                      | no: it says nothing of this one |

Without the second row a pod that cannot be taken (the only one, or a budget) would go unheard at
its own limit as soon as the store said less.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from kube import objects, pods
from kube.memo import once
from scaler.model import Stretches
from scaler.policies import table
from scaler.policies.policy import Patience, PodMinute, Usage
from scaler.sizing import governing
from scaler.sizing.stored_size import SizingCase
from scaler.usage import window
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.model import Size

YOUNG = 2 * window.SECONDS + 30.0
"""Seconds after a container's start in which it has no minute yet."""

MinuteOf = Callable[[objects.Pod, str], Minute | NoMinute]
UsageOf = Callable[[str], Usage]


@dataclass(frozen=True)
class Watched:
    """What is known of a workload's usage; `now` in seconds since the epoch."""

    minute_of: MinuteOf
    now: float
    patience: Patience = Patience()  # noqa: RUF009 (frozen)
    stretches: Stretches = field(default_factory=dict)
    """As of the last look of this process, by container."""


def usage_of(case: SizingCase, watched: Watched) -> UsageOf:
    """What a policy may know of a container; found out once, however often it is asked for."""
    return cache(lambda name: _usage(case, watched, name))


def _usage(case: SizingCase, watched: Watched, name: str) -> Usage:
    seen = {
        s.uid: _pod_minute(s.pod, name, watched)
        for s in case.view.not_terminating
        if name in s.actual
    }
    status = case.view.status
    return Usage(
        now=watched.now,
        minutes=[seen[p.metadata.uid].minute for p in telling(case, name)],
        pods=[*seen.values()],
        stretch=watched.stretches.get(name),
        stored=next((q for q in status.quiet if q.name == name), None),
        changes=status.changes,
        patience=watched.patience,
    )


def _pod_minute(pod: objects.Pod, name: str, watched: Watched) -> PodMinute:
    minute = watched.minute_of(pod, name)
    if isinstance(minute, Minute):
        return PodMinute(minute)
    began = pods.started(pod, name)
    return PodMinute(minute, began is None or watched.now - began < YOUNG)


def telling(case: SizingCase, name: str) -> list[objects.Pod]:
    """The pods of the table above."""
    return _by_container(case)[name]


@once
def _by_container(case: SizingCase) -> dict[str, list[objects.Pod]]:
    return {name: _telling(case, name) for name in case.before}


def _telling(case: SizingCase, name: str) -> list[objects.Pod]:
    now = case.before[name]
    sizes = [(s.pod, s.actual.get(name)) for s in case.view.not_terminating]
    down = _lowered(case, name)
    return [
        p for p, had in sizes if had and (had == now or any(_larger(had, now, r) for r in down))
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
