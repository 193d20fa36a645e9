"""What all enrolled workloads come to, namespace by namespace. Pure.

| of a namespace      | is the sum over the containers of its pods that are not terminating        |
| ------------------- | -------------------------------------------------------------------------- |
| now                 | what they have                                                             |
| wanted              | what `status.wish` says, else what the stored size makes of them           |
| used                | the mean of the newest minute; of memory, the working set                  |
| waste               | requested and not used, as far as usage is known                           |
| throttled           | no sum: the largest share of throttled periods                             |

A cluster may have any number of namespaces, and each of them costs the same series. So the ones
with most containers have their own, and the others are `OTHER` together: sums over all of them are
whole, whatever their number.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf

from msgspec import Struct

from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.page.use import Use
from scaler.sizing.evidence import MinuteOf
from scaler.usage.window import Minute
from store import amounts
from store.model import Size, Sizes

NAMESPACES = 100
"""Namespaces that have series of their own."""
OTHER = "_other"
"""No namespace has such a name."""

_STEPS = ("request", "limit")


class Sums(Struct):
    """Of one namespace; CPU in millicores, memory in bytes."""

    containers: int = 0
    unknown: int = 0
    """Containers of which no usage is known."""
    now: dict[tuple[str, str], int] = {}
    """By `request` or `limit`, and resource."""
    wanted: dict[tuple[str, str], int] = {}
    used: dict[str, int] = {}
    waste: dict[str, int] = {}
    throttled: float | None = None
    received: float = -inf
    """When its newest usage was read, in seconds since the epoch."""


def by_namespace(views: Iterable[View], minute_of: MinuteOf) -> dict[str, Sums]:
    """The sums of all that is enrolled, by the table above."""
    found: dict[str, Sums] = {}
    for view in views:
        if view.podsize is None:
            continue
        try:
            states = view.not_terminating
        except ValueError:  # a quantity that cannot be read, which its status says
            continue
        sums = found.setdefault(view.workload.namespace, Sums())
        wish = {c.name: c.size for c in view.status.wish}
        for state in states:
            _add_pod(sums, state, wish, minute_of)
    return found


def bounded(found: Mapping[str, Sums], most: int = NAMESPACES) -> dict[str, Sums]:
    """The same with at most `most` namespaces, and one more for the others."""
    if len(found) <= most:
        return dict(found)
    ranked = sorted(found, key=lambda name: (-found[name].containers, name))
    kept = {name: found[name] for name in ranked[:most]}
    return {**kept, OTHER: _together([found[name] for name in ranked[most:]])}


def _add_pod(sums: Sums, state: PodState, wish: Sizes, minute_of: MinuteOf) -> None:
    for name, size in state.actual.items():
        sums.containers += 1
        wanted = _over(state.target.get(name, size), wish.get(name))
        for resource in amounts.RESOURCES:
            _add_pair(sums.now, resource, size)
            _add_pair(sums.wanted, resource, wanted)
        minute = minute_of(state.pod, name)
        if isinstance(minute, Minute):
            _add_use(sums, Use(state.pod, name, size, minute))
        else:
            sums.unknown += 1


def _over(size: Size, wish: Size | None) -> Size:
    """The size with what is wished for; a wish names only what would change."""
    if wish is None:
        return size
    for resource in amounts.RESOURCES:
        pair = wish.pair(resource)
        if pair != (None, None):
            size = amounts.with_pair(size, resource, *pair)
    return size


def _add_pair(to: dict[tuple[str, str], int], resource: str, size: Size) -> None:
    for step, value in zip(_STEPS, size.pair(resource), strict=True):
        if value is not None:
            to[step, resource] = to.get((step, resource), 0) + value


def _add_use(sums: Sums, use: Use) -> None:
    for resource in amounts.RESOURCES:
        used, request = use.used(resource), use.size.pair(resource)[0]
        sums.used[resource] = sums.used.get(resource, 0) + used
        if request:
            left = max(0, request - used)
            sums.waste[resource] = sums.waste.get(resource, 0) + left
    share = use.minute.throttled
    if share is not None:
        sums.throttled = share if sums.throttled is None else max(sums.throttled, share)
    sums.received = max(sums.received, use.minute.received)


def _together(found: Sequence[Sums]) -> Sums:
    made = Sums()
    for one in found:
        made.containers += one.containers
        made.unknown += one.unknown
        for sized, more in ((made.now, one.now), (made.wanted, one.wanted)):
            for pair, value in more.items():
                sized[pair] = sized.get(pair, 0) + value
        for measured, amount in ((made.used, one.used), (made.waste, one.waste)):
            for resource, value in amount.items():
                measured[resource] = measured.get(resource, 0) + value
        made.received = max(made.received, one.received)
        shares = [s for s in (made.throttled, one.throttled) if s is not None]
        made.throttled = max(shares, default=None)
    return made
