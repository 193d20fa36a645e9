"""What the API server's LimitRanger does with a pod of these sizes, after our patch. Pure.

It runs again on what the webhook made of the pod: every range fills in what is missing (a limit
that was removed comes back, perhaps below the request), the pod is validated, and every range
admits or refuses it. Stored ranges already carry the defaults that follow from their `max` and
`min`. Only cpu and memory are looked at: nothing else is changed by us.

| after the defaults                                     | outcome                             |
| ------------------------------------------------------ | ----------------------------------- |
| a request above its limit                              | refused, by the pod's validation    |
| Container min: no request; request or limit below it   | refused                             |
| Container max: no limit; limit or request above it     | refused                             |
| Container maxLimitRequestRatio: one of the two missing | refused                             |
| or 0; limit / request above it                         |                                     |
| Pod: the same, with the sums over the containers       | refused                             |
| other types                                            | not about pods                      |
| several ranges with different defaults                 | refused if it could be: which one   |
|                                                        | comes first is not defined          |
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from kube import objects, quantity
from store import amounts
from store.model import Pair, Resources, Size, Sizes


def refusal(ranges: Sequence[objects.LimitRange], containers: Sizes) -> str | None:
    """None where the pod is let in; else a sentence with range, container, resource, numbers.

    `containers`: the regular containers and sidecars of one pod.
    """
    for first in range(len(ranges)):
        order = [ranges[first], *ranges[:first], *ranges[first + 1 :]]
        sizes = with_defaults(order, containers)
        told = next(chain(_invalid(sizes), *(_refusals(r, sizes) for r in order)), None)
        if told is not None:
            return told
    return None


def with_defaults(ranges: Sequence[objects.LimitRange], containers: Sizes) -> Sizes:
    """The sizes with what is filled in: a request by its limit, then both by the first range."""
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
    """Of several items in one range, the last counts."""
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
                told = f"request {text(request)} above limit {text(limit)}"
                yield f"container {name} would have a {resource} {told} after the defaults"


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
                for told in _broken(item, resource, size.pair(resource)):
                    yield f"LimitRange {found.metadata.name} refuses {who}: {resource} {told}"


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
    """What the containers that have any add up to."""
    requests, limits = Resources(), Resources()
    for size in sizes:
        requests, limits = _sum(requests, size.requests), _sum(limits, size.limits)
    return Size(requests, limits)


def _sum(a: Resources, b: Resources) -> Resources:
    return Resources(cpu=_plus(a.cpu, b.cpu), memory=_plus(a.memory, b.memory))


def _plus(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else a + b
