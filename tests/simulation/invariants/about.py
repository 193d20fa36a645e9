"""The moments at which invariants are asked, with everything that they look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from scaler.model import Plan
from store.model import ContainerSize, PodSize, StoredSize
from store.reasons import Reason
from store.records import Change
from tests.simulation import facts
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.replacing import as_stored
from tests.simulation.pods import available
from tests.simulation.routes import OWNERS
from tests.simulation.subject import Subject
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.invariants.memory import Memory


T = TypeVar("T")
V = TypeVar("V")


@dataclass
class _OfPod:
    """The scaler does something to a pod of a workload.

    `known` is the workload as the cycle's watches had it: what the scaler had to know.
    """

    world: World
    subject: Subject
    memory: "Memory"
    pod: Json
    owner: Json
    podsize: PodSize | None

    @property
    def name(self) -> str:
        """The pod's."""
        return str(self.pod["metadata"]["name"])

    @cached_property
    def known(self) -> Json:
        """The workload as the scaler had to know it."""
        meta = self.owner["metadata"]
        states = self.subject.knows(OWNERS[self.owner["kind"]])
        return states.get((meta["namespace"], meta["name"]), self.owner)


@dataclass
class Taking(_OfPod):
    """A pod is replaced. `fresh`: all pods as of the look right before, else as of now."""

    fresh: Mapping[Key, Json]
    surges: bool = False
    """Whether it is handed over: its replacement comes before it goes."""

    @cached_property
    def pods(self) -> list[Json]:
        """All of the workload's."""
        return facts.pods_of(self.owner, self.fresh, self.world.etcd.all("replicasets"))

    @cached_property
    def seen(self) -> Json:
        """The pod as of that look."""
        return self.fresh.get((self.pod["metadata"]["namespace"], self.name), self.pod)

    @cached_property
    def in_need(self) -> bool:
        """Whether the pod is not Ready, and has another of our sizes than the store has by now.

        Such a pod serves nobody: it is replaced because only that can fix it.
        """
        size = self.podsize.status.size if self.podsize else None
        ours = facts.sizes_of(self.seen) != facts.came_with(self.seen)
        return ours and not available(self.seen) and not as_stored(self.world, self.seen, size)

    @cached_property
    def down(self) -> bool:
        """Whether the pod was killed for want of memory, serves nobody, and gets more memory."""
        size = self.podsize.status.size if self.podsize else None
        killed = facts.killed(self.seen) and not available(self.seen)
        return killed and not as_stored(self.world, self.seen, size)


@dataclass
class Resizing(_OfPod):
    """A pod is resized in place. `seen`: the pod as of the look right before; `asked`: as it is
    then."""

    seen: Json
    asked: Json


@dataclass
class Writing:
    """The scaler has written a status: the PodSize before and after."""

    world: World
    subject: Subject
    memory: "Memory"
    old: PodSize
    new: PodSize

    @cached_property
    def known(self) -> Json | None:
        """The workload as the scaler had to know it."""
        w = self.new.workload
        return self.subject.knows(OWNERS[w.kind]).get((w.namespace, w.name))

    @property
    def resized(self) -> bool:
        """Whether another size is in force now."""
        return values(self.old) != values(self.new)

    @property
    def taken_back(self) -> bool:
        """Whether this is a rollback: a new revision with that reason."""
        old, new = self.old.status, self.new.status
        fresh = new.size is not None and new.size.revision > old.highest_revision
        return fresh and new.retreated

    def fresh(self, reason: Reason) -> list[Change]:
        """The lines that this write has added to the history, for that reason."""
        old, new = self.old.status.changes, self.new.status.changes
        if new[:1] == old[:1]:
            return []
        return [c for c in new if c not in old and c.reason is reason]


@dataclass
class Patched:
    """Our webhook has changed a pod."""

    world: World
    memory: "Memory"
    came: Json
    made: Json

    @cached_property
    def owner(self) -> Json | None:
        """Whose pod it is."""
        return facts.owner_of(self.world.etcd, self.came)


@dataclass
class Cycle:
    """A cycle is over."""

    world: World
    subject: Subject
    memory: "Memory"
    plans: list[Plan]

    def same(self, what: str, find: Callable[[], dict[T, V]]) -> dict[T, V]:
        """What `find` finds in the cluster's objects; where none has changed, what it found."""
        state = (self.world.etcd.version, frozenset(self.world.kubelets.down))
        known = self.memory.found
        if what not in known or known[what][0] != state:
            known[what] = (state, find())
        found: dict[T, V] = known[what][1]
        return found


def values(podsize: PodSize) -> list[tuple[str, object]]:
    """What a PodSize makes of containers: by name, of a kind of node by name and kind."""
    return [(key, c.size) for key, c in entries(podsize.status.size)]


def entries(size: StoredSize | None) -> list[tuple[str, ContainerSize]]:
    """The containers of a size, the default's and those of each kind of node, by `keyed`."""
    if size is None:
        return []
    own = [(keyed(c.name, one.name), c) for one in size.classes for c in one.containers]
    return [*((c.name, c) for c in size.containers), *own]


def keyed(container: str, kind: str | None) -> str:
    """The name of a container, on a kind of node."""
    return container if kind is None else f"{container}@{kind}"


def key_of(change: Change) -> str:
    """The same of a line of the history."""
    return keyed(change.container, change.node_class)


def container_of(key: str) -> str:
    """The name of the container again."""
    return key.partition("@")[0]


def every_kind(*sizes: StoredSize) -> list[str | None]:
    """The default, and the kinds of node of which some of these sizes says something."""
    return [None, *sorted({c.name for size in sizes for c in size.classes})]
