"""What the API server's LimitRanger does with a pod of these sizes, after the webhook. Pure.

It runs again on the pod that the webhook changed: every LimitRange fills in missing values (a
removed limit comes back, perhaps below the request), the pod is validated, and every LimitRange
admits or refuses it. Stored LimitRanges already contain the defaults that follow from their `max`
and `min`. Only cpu and memory are checked: podtailor changes nothing else.

| after the defaults                                     | outcome                             |
| ------------------------------------------------------ | ----------------------------------- |
| a request above its limit                              | refused, by the pod's validation    |
| Container min: no request; request or limit below it   | refused                             |
| Container max: no limit; limit or request above it     | refused                             |
| Container maxLimitRequestRatio: one of the two missing | refused                             |
| or 0; limit / request above it                         |                                     |
| Pod: the same, with the sums over the containers       | refused                             |
| other types                                            | not about pods                      |
| several ranges with different defaults                 | refused if any order refuses it:    |
|                                                        | the order is not defined            |
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from kube import objects, quantity
from store import amounts
from store.model import Pair, Resources, Size, Sizes


def refusal(ranges: Sequence[objects.LimitRange], containers: Sizes) -> str | None:
    """Why a LimitRange refuses the pod: its name, container, resource, numbers; None: admitted.

    `containers`: the regular containers and sidecars of one pod.
    """
    for first in range(len(ranges)):
        order = [ranges[first], *ranges[:first], *ranges[first + 1 :]]
        sizes = with_defaults(order, containers)
        message = next(chain(_invalid(sizes), *(_refusals(r, sizes) for r in order)), None)
        if message is not None:
            return message
    return None


def with_defaults(ranges: Sequence[objects.LimitRange], containers: Sizes) -> Sizes:
    """The sizes with defaults: a missing request from the limit, then both from the ranges.

    The first range that has a default counts.
    """
    requests = [_merged(i.default_request for i in _of_containers(r)) for r in ranges]
    limits = [_merged(i.default for i in _of_containers(r)) for r in ranges]
    return {
        name: Size(
            requests=_filled(_filled(size.requests, [size.limits]), requests),
            limits=_filled(size.limits, limits),
        )
        for name, size in containers.items()
    }


def _filled(held: Resources, defaults: Iterable[Resources]) -> Resources:
    for given in defaults:
        held = Resources(
            cpu=given.cpu if held.cpu is None else held.cpu,
            memory=given.memory if held.memory is None else held.memory,
        )
    return held


def _of_containers(found: objects.LimitRange) -> Iterator[objects.LimitRangeItem]:
    return (item for item in found.spec.limits if item.type == "Container")


def _merged(given: Iterable[objects.Quantities | None]) -> Resources:
    """Of several items in one range, the last one counts."""
    merged: objects.Quantities = {}
    for one in given:
        merged |= one or {}
    return amounts.read(merged)


def _invalid(sizes: Sizes) -> Iterator[str]:
    for name, size in sizes.items():
        for resource in amounts.RESOURCES:
            request, limit = size.pair(resource)
            text = amounts.RESOURCES[resource].text
            if request is not None and limit is not None and request > limit:
                detail = f"request {text(request)} above limit {text(limit)}"
                yield f"container {name} would have a {resource} {detail} after the defaults"


def _refusals(found: objects.LimitRange, sizes: Sizes) -> Iterator[str]:
    for item in found.spec.limits:
        if item.type == "Container":
            checked = [(f"container {name}", size) for name, size in sizes.items()]
        elif item.type == "Pod":
            checked = [("the pod", _total(sizes.values()))]
        else:
            continue
        for who, size in checked:
            for resource in amounts.RESOURCES:
                for detail in _broken(item, resource, size.pair(resource)):
                    yield f"LimitRange {found.metadata.name} refuses {who}: {resource} {detail}"


def _broken(item: objects.LimitRangeItem, resource: str, pair: Pair) -> Iterator[str]:
    least, most = amounts.read(item.min)[resource], amounts.read(item.max)[resource]
    text = amounts.RESOURCES[resource].text
    named = (("request", pair[0]), ("limit", pair[1]))
    if least is not None:
        if pair[0] is None:
            yield f"has no request, its minimum is {text(least)}"
        for what, amount in named:
            if amount is not None and amount < least:
                yield f"{what} {text(amount)} is below {text(least)}"
    if most is not None:
        if pair[1] is None:
            yield f"has no limit, its maximum is {text(most)}"
        for what, amount in named:
            if amount is not None and amount > most:
                yield f"{what} {text(amount)} is above {text(most)}"
    ratio = (item.max_limit_request_ratio or {}).get(resource)
    if ratio is not None:
        yield from _ratio(ratio, resource, pair)


def _ratio(ratio: quantity.Quantity, resource: str, pair: Pair) -> Iterator[str]:
    request, limit = pair
    text = amounts.RESOURCES[resource].text
    if not request or not limit:
        yield f"needs a request and a limit, their ratio may be {ratio}"
    elif limit * 1000 > request * quantity.cpu(ratio):  # as thousandths, like millicores
        texts = f"limit {text(limit)} / request {text(request)}"
        yield f"{texts} is above the ratio {ratio}"


def _total(sizes: Iterable[Size]) -> Size:
    """The sums over the containers that have a value."""
    requests, limits = Resources(), Resources()
    for size in sizes:
        requests, limits = _sum(requests, size.requests), _sum(limits, size.limits)
    return Size(requests, limits)


def _sum(a: Resources, b: Resources) -> Resources:
    return Resources(cpu=_plus(a.cpu, b.cpu), memory=_plus(a.memory, b.memory))


def _plus(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else a + b
