"""From "this container should have so much" to a request and a limit. Pure arithmetic.

The *base* of a resource is its limit, or its request where there is no limit: what a policy
compares usage with, what bounds apply to, and what a step changes. `limits` says how the other
value follows:

| limits  | has            | request                           | limit    |
| ------- | -------------- | --------------------------------- | -------- |
| `ratio` | both           | moves with the limit, rounded up  | the base |
| `ratio` | request only   | the base                          | none     |
| `keep`  | both           | the base, at most the limit       | stays    |
| `none`  | both           | moves as under `ratio`            | removed  |
| any     | limit only     | as if the request were the limit  |          |
"""

from collections.abc import Callable
from dataclasses import dataclass

from kube import quantity
from scaler.annotations.options import Limits
from store.model import Resources, Size

RESOURCES = ("cpu", "memory")

SMALLEST_STEP = 1.1
"""A change of less than 10 % is not worth a restart (contract: "the largest allowed step if it
is >= 10 % more")."""


@dataclass(frozen=True, slots=True)
class Base:
    """Where a step starts: the two values of one resource, request never above limit."""

    request: int
    limit: int | None

    @property
    def value(self) -> int:
        """What usage is compared with."""
        return self.request if self.limit is None else self.limit


def base_of(size: Size, resource: str) -> Base | None:
    """The resource's base; None where neither a request nor a limit is set."""
    request, limit = getattr(size.requests, resource), getattr(size.limits, resource)
    if request is None and limit is None:
        return None
    return Base(limit if request is None else request, limit)


def start(base: Base, limits: Limits) -> int:
    """The value that a step multiplies: under `keep` and `none` that is the request."""
    return base.value if limits is Limits.RATIO else base.request


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


def with_pair(size: Size, resource: str, request: int | None, limit: int | None) -> Size:
    """`size` with both values of one resource replaced."""
    if resource == "cpu":
        memory = size.requests.memory, size.limits.memory
        return Size(Resources(request, memory[0]), Resources(limit, memory[1]))
    return Size(Resources(size.requests.cpu, request), Resources(size.limits.cpu, limit))


def same(a: Size, b: Size, resource: str) -> bool:
    """Whether two sizes give a resource the same request and limit."""
    if a is b:
        return True
    return base_of(a, resource) == base_of(b, resource)


def text(size: Size | None, resource: str) -> str | None:
    """The resource's base in canonical text, for people; None where it is not set."""
    base = base_of(size, resource) if size else None
    return formatted(base.value, resource) if base else None


def formatted(value: int, resource: str) -> str:
    """Millicores or bytes in canonical text."""
    return quantity.format_cpu(value) if resource == "cpu" else quantity.format_memory(value)


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
