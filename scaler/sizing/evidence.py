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

from kube import objects
from kube.memo import once
from scaler.cluster import pod_sizes
from scaler.policies import step
from scaler.sizing.stored_size import Case
from store.model import Size
from store.reasons import Reason


def telling(case: Case, name: str) -> list[objects.Pod]:
    """The pods of the table above."""
    return _by_container(case)[name]


@once
def _by_container(case: Case) -> dict[str, list[objects.Pod]]:
    return {name: _telling(case, name) for name in case.before}


def _telling(case: Case, name: str) -> list[objects.Pod]:
    now = case.before[name]
    sizes = [(p, pod_sizes.sizes_of(p).get(name)) for p in pod_sizes.staying(case.view.pods)]
    halved = _halved(case, name)
    return [p for p, had in sizes if had and (had == now or (halved and _larger(had, now)))]


def _halved(case: Case, name: str) -> bool:
    """Whether the container's last change was a halving."""
    changes = case.view.status.changes
    mine = (c.reason for c in changes if (c.container, c.resource) == (name, "cpu"))
    return next(mine, None) is Reason.HALVED


def _larger(had: Size, now: Size) -> bool:
    bases = step.base_of(had, "cpu"), step.base_of(now, "cpu")
    return bool(bases[0] and bases[1] and bases[0].value > bases[1].value)
