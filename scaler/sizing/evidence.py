"""Whose usage speaks for a container's size. Pure.

| a pod of the workload, that nobody has begun to delete        | tells                           |
| ------------------------------------------------------------- | ------------------------------- |
| its container has just what a new pod would get               | yes                             |
| it has more, and the container's last change was a halving    | yes: what it needs more of than |
|                                                               | half comes back                 |
| otherwise: an older revision or manifest                      | no: it says nothing of this one |

Without the second row a pod that cannot be taken (the only one, or a budget) would go unheard at
its own limit as soon as the store said half.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kube import objects, pods
from kube.memo import once
from scaler.cluster import pod_sizes
from scaler.model import Stretches
from scaler.policies.quiet import Patience
from scaler.sizing.stored_size import SizingCase
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.model import Size
from store.reasons import Reason


def telling(case: SizingCase, name: str) -> list[objects.Pod]:
    """The pods of the table above."""
    return _by_container(case)[name]


@once
def _by_container(case: SizingCase) -> dict[str, list[objects.Pod]]:
    return {name: _telling(case, name) for name in case.before}


def _telling(case: SizingCase, name: str) -> list[objects.Pod]:
    now = case.before[name]
    sizes = [(p, pod_sizes.sizes_of(p).get(name)) for p in pods.staying(case.view.pods)]
    halved = _halved(case, name)
    return [p for p, had in sizes if had and (had == now or (halved and _larger(had, now)))]


def _halved(case: SizingCase, name: str) -> bool:
    """Whether the container's last change was a halving."""
    changes = case.view.status.changes
    mine = (c.reason for c in changes if (c.container, c.resource) == (name, "cpu"))
    return next(mine, None) is Reason.HALVED


def _larger(had: Size, now: Size) -> bool:
    bases = amounts.base_of(had, "cpu"), amounts.base_of(now, "cpu")
    return bool(bases[0] and bases[1] and bases[0].value > bases[1].value)


MinuteOf = Callable[[objects.Pod, str], Minute | NoMinute]


@dataclass(frozen=True)
class Watched:
    """What is known of a workload's usage; `now` in seconds since the epoch."""

    minute_of: MinuteOf
    now: float
    patience: Patience = Patience()  # noqa: RUF009 (frozen)
    stretches: Stretches = field(default_factory=dict)
    """As of the last look of this process, by container."""


def asked_once(watched: Watched) -> Watched:
    """The same, and each pod is asked once however often somebody wants to know."""
    known: dict[tuple[str, str], Minute | NoMinute] = {}

    def minute_of(pod: objects.Pod, container: str) -> Minute | NoMinute:
        key = (pod.metadata.uid, container)
        if key not in known:
            known[key] = watched.minute_of(pod, container)
        return known[key]

    return replace(watched, minute_of=minute_of)
