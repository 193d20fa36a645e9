"""Amounts of all that pods request of a node, and how they are added up. Pure."""

from collections.abc import Callable, Iterable
from operator import add, sub

from msgspec import Struct
from msgspec.structs import replace

Extended = tuple[tuple[str, int], ...]
"""Amounts by name, sorted; most pods and nodes have none."""


class Room(Struct, frozen=True, gc=False):
    """Millicores, bytes, bytes of ephemeral storage, pods; extended resources by name, if any."""

    cpu: int = 0
    memory: int = 0
    storage: int = 0
    pods: int = 0
    extended: Extended = ()

    def __getitem__(self, resource: str) -> int:
        """The amount of cpu or memory. Raises KeyError for another resource."""
        return {"cpu": self.cpu, "memory": self.memory}[resource]

    def __add__(self, other: "Room") -> "Room":
        return Room(
            self.cpu + other.cpu,
            self.memory + other.memory,
            self.storage + other.storage,
            self.pods + other.pods,
            _each(self.extended, other.extended, add),
        )

    def __sub__(self, other: "Room") -> "Room":
        return Room(
            self.cpu - other.cpu,
            self.memory - other.memory,
            self.storage - other.storage,
            self.pods - other.pods,
            _each(self.extended, other.extended, sub),
        )

    def at_least(self, other: "Room") -> "Room":
        """The larger of the two, each resource on its own."""
        return Room(
            max(self.cpu, other.cpu),
            max(self.memory, other.memory),
            max(self.storage, other.storage),
            max(self.pods, other.pods),
            _each(self.extended, other.extended, max),
        )

    def behind(self, others: Iterable["Room"]) -> "Room":
        """This much, where the same extended resources go to others first."""
        named = dict(self.extended)
        for other in others:
            named |= {n: named[n] + amount for n, amount in other.extended if n in named}
        return replace(self, extended=tuple(sorted(named.items())))

    def lacks(self, need: "Room") -> str | None:
        """The first resource of which there is too little; one that is not requested never is."""
        if need.pods > self.pods:
            return "pods"
        if need.cpu and need.cpu > self.cpu:
            return "cpu"
        if need.memory and need.memory > self.memory:
            return "memory"
        if need.storage and need.storage > self.storage:
            return "ephemeral-storage"
        had = dict(self.extended)
        return next((name for name, n in need.extended if n > max(0, had.get(name, 0))), None)


def _each(ours: Extended, theirs: Extended, do: Callable[[int, int], int]) -> Extended:
    if not ours and not theirs:
        return ()
    a, b = dict(ours), dict(theirs)
    return tuple((name, do(a.get(name, 0), b.get(name, 0))) for name in sorted({*a, *b}))
