"""The resources that we scale, and one resource of a size: as a pair, as text, compared. Pure."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from kube import quantity
from kube.quantity import Quantity
from store.model import Resources, Size


class Resource(Struct, frozen=True):
    """How a resource's quantities are read, as whole millicores or bytes, and written."""

    parse: Callable[[Quantity], int]
    text: Callable[[int], str]


RESOURCES: Mapping[str, Resource] = {
    "cpu": Resource(quantity.cpu, quantity.format_cpu),
    "memory": Resource(quantity.memory, quantity.format_memory),
}
"""By the name that Kubernetes gives them. The one table: `Resources` has a field for each row."""
WHOLE = Resource(quantity.memory, str)
"""Of what we do not scale: pods, and bytes of a disk."""


class Base(Struct, frozen=True, gc=False):
    """The starting point of a step: both values of one resource, the request at most the limit."""

    request: int
    limit: int | None

    @property
    def value(self) -> int:
        """What usage is compared with."""
        return self.request if self.limit is None else self.limit


def base_of(size: Size, resource: str) -> Base | None:
    """The resource's base; None where neither a request nor a limit is set."""
    request, limit = size.pair(resource)
    if request is None:
        return None if limit is None else Base(limit, limit)
    return Base(request, limit)


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
    """The resource's base in canonical text, for messages; None where it is not set."""
    base = base_of(size, resource) if size else None
    return formatted(base.value, resource) if base else None


def formatted(value: int, resource: str) -> str:
    """Millicores or bytes in canonical text."""
    return RESOURCES[resource].text(value)


def read(raw: Mapping[str, Quantity] | None) -> Resources:
    """What is given of each resource. Raises ValueError on a quantity that cannot be read."""
    raw = raw or {}
    return Resources(**{r: row.parse(raw[r]) for r, row in RESOURCES.items() if r in raw})


def written(resources: Resources) -> dict[str, str]:
    """The other way round, in canonical text; what is not set is left out."""
    amounts = ((name, resources[name]) for name in RESOURCES)
    return {name: formatted(value, name) for name, value in amounts if value is not None}
