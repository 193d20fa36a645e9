"""The store's types: whose size it is, the size itself, and its history and state.

All frozen. `cpu` is always millicores and `memory` always bytes; None means "not set", never 0.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from kube.kinds import Kind
from store.reasons import Reason
from store.records import (
    BackOff,
    Change,
    Condition,
    PodCount,
    Quiet,
    RestartOnResize,
    Restarts,
    StartUp,
)

PODSIZE = Kind("PodSize", "podtailor.io/v1alpha1", "podsizes")


class Workload(Struct, frozen=True, order=True, gc=False):
    """The object whose pods are sized; API group and kind must both match."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.kind}/{self.name}"


class Resources(Struct, frozen=True, gc=False):
    """An amount of each resource that we scale."""

    cpu: int | None = None
    memory: int | None = None

    def __getitem__(self, resource: str) -> int | None:
        """The amount of one, by its name. Raises KeyError for another than `amounts.RESOURCES`."""
        if resource == "cpu":
            return self.cpu
        if resource == "memory":
            return self.memory
        raise KeyError(resource)


Pair = tuple[int | None, int | None]
"""Request and limit of one resource."""


class Size(Struct, frozen=True, gc=False):
    """The requests and limits of one container."""

    requests: Resources = Resources()
    limits: Resources = Resources()

    def pair(self, resource: str) -> Pair:
        """Request and limit of one resource. Raises KeyError as `Resources` does."""
        if resource == "cpu":  # asked for thousands of times a cycle: no two calls more
            return self.requests.cpu, self.limits.cpu
        return self.requests[resource], self.limits[resource]


Sizes = Mapping[str, Size]
"""By the name of the container."""


class ContainerSize(Struct, frozen=True, gc=False):
    """The size of one container, and `basis`: what it came with when the size was computed."""

    name: str
    size: Size
    basis: Size = Size()


class ClassSize(Struct, frozen=True, gc=False):
    """What pods on one kind of node get instead, by the name of its class (node_class.py).

    No containers: what they came with, whatever the default is.
    """

    name: str
    containers: tuple[ContainerSize, ...] = ()


class Apply(StrEnum):
    """`all`: running pods are brought to the size. `new`: only pods that get created anyway."""

    ALL = "all"
    NEW = "new"


class StoredSize(Struct, frozen=True, gc=False):
    """`status.size`: the only thing that is ever injected.

    `template` is a fingerprint of the manifest's resources at the time the basis was learnt;
    `stamped` says whether the basis came from the webhook's own stamp (rather than from a pod older
    than the opt-in). Both decide whether a pod that came with other values means an edited
    manifest. `classes`: sizes by kind of node; `containers` is the default beside them.
    """

    revision: int
    apply: Apply
    containers: tuple[ContainerSize, ...]
    template: str = ""
    stamped: bool = True
    classes: tuple[ClassSize, ...] = ()

    def of_class(self, name: str | None) -> "StoredSize":
        """What a pod on that kind of node gets; the default where it has no size of its own.

        The same object where there are no sizes by class.
        """
        if not self.classes:
            return self
        own = next((c.containers for c in self.classes if c.name == name), self.containers)
        return replace(self, containers=own, classes=())


class Phase(StrEnum):
    """The state of a workload, as users see it."""

    OBSERVING = "Observing"
    SETTLED = "Settled"
    APPLYING = "Applying"
    BLOCKED = "Blocked"
    ROLLED_BACK = "RolledBack"


class Status(Struct, frozen=True, gc=False):
    """The scaler's part of the object. `size` None: the manifest's values apply."""

    observed_generation: int = 0
    size: StoredSize | None = None
    last_good: StoredSize | None = None
    wish: tuple[ContainerSize, ...] = ()
    phase: Phase | None = None
    reason: Reason | None = None
    message: str = ""
    pods: PodCount = PodCount()
    backoff: BackOff = BackOff()
    restarts: Restarts = Restarts()
    quiet: tuple[Quiet, ...] = ()
    start_ups: tuple[StartUp, ...] = ()
    restart_on_resize: tuple[RestartOnResize, ...] = ()
    """What new pods' containers get as `resizePolicy`."""
    changes: tuple[Change, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def highest_revision(self) -> int:
        """The highest revision ever used; the next one is one more, even after an opt-out."""
        seen = [s.revision for s in (self.size, self.last_good) if s]
        return max([*seen, *(c.revision for c in self.changes)], default=0)

    @property
    def retreated(self) -> bool:
        """Whether the stored size is the result of a rollback, by its history or its state."""
        if self.size is None:
            return False
        stated = Phase.ROLLED_BACK is self.phase or Reason.ROLLED_BACK is self.reason
        lines = (c.reason for c in self.changes if c.revision == self.size.revision)
        return Reason.ROLLED_BACK in lines or (stated and self.size.apply is Apply.NEW)


class PodSize(Struct, frozen=True, gc=False):
    """One object of the store. `by_hand`: the sizes that users set (`spec.containers`)."""

    workload: Workload
    name: str
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    by_hand: tuple[ContainerSize, ...] = ()
    status: Status = Status()
    owned: bool = False
    """Whether the workload owns the object, so that the one is deleted with the other."""
