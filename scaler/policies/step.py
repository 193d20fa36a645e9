"""From the value that a container should have to a request and a limit. Pure arithmetic.

The *base* of a resource is its limit, or its request where there is no limit: what a policy
compares usage with, what bounds apply to, and what a step changes. `limits` says how the other
value follows it:

| limits  | has            | request                           | limit    |
| ------- | -------------- | --------------------------------- | -------- |
| `ratio` | both           | moves with the limit, rounded up  | the base |
| `ratio` | request only   | the base                          | none     |
| `keep`  | both           | the base, at most the limit       | stays    |
| `none`  | both           | moves as under `ratio`            | removed  |
| any     | limit only     | as if the request were the limit  |          |
"""

from collections.abc import Callable

from scaler.annotations.options import ContainerPolicy, Limits
from store.amounts import Base, base_of, with_pair
from store.model import Size

SMALLEST_STEP = 1.1
"""A change of less than 10 % is not worth a restart (contract: "the largest allowed step if it
is >= 10 % more")."""


def start(base: Base, limits: Limits) -> int:
    """The value that a step multiplies: under `keep` and `none` that is the request."""
    return base.value if limits is Limits.RATIO else base.request


def most_down(base: Base, limits: Limits) -> int:
    """The largest value of a step down that is worth a restart."""
    return start(base, limits) * 10 // 11


def bounded(base: Base, options: ContainerPolicy) -> bool:
    """Whether a step changes what bounds apply to: under `keep` a limit never changes."""
    return options.limits is not Limits.KEEP or base.limit is None


def highest_down(base: Base, resource: str, options: ContainerPolicy) -> int:
    """The largest value of a step down that is worth a restart and not above its maximum."""
    most, worth = options.bounds.most(resource), most_down(base, options.limits)
    return worth if most is None or not bounded(base, options) else min(most, worth)


def with_value(size: Size, resource: str, limits: Limits, value: int) -> Size:
    """`size` with its stepped value (see `start`) set to `value`, the other one following."""
    base = base_of(size, resource)
    if base is None:
        raise ValueError(f"no {resource} to step from")
    if base.limit is None:
        request, limit = value, None
    elif limits is Limits.RATIO:
        request, limit = -(-base.request * value // base.limit), value
    elif limits is Limits.KEEP:
        request, limit = min(value, base.limit), base.limit
    else:
        request, limit = value, None
    return with_pair(size, resource, request, limit)


def floored(size: Size, resource: str, least: int) -> Size:
    """`size` with a request of at least that, as far as its limit lets it be."""
    base = base_of(size, resource)
    if base is None or base.request >= least:
        return size
    request = least if base.limit is None else min(least, base.limit)
    return with_pair(size, resource, request, base.limit)


def largest(low: int, high: int, allowed: Callable[[int], bool]) -> int | None:
    """The largest value in [low, high] that is allowed; None where `low` is not: less is easier."""
    if allowed(high):
        return high
    if not allowed(low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low
