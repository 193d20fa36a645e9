"""One resource of a size: its request and limit, as a pair, as text, compared. Pure."""

from dataclasses import dataclass

from kube import quantity
from store.model import Resources, Size

RESOURCES = ("cpu", "memory")


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
