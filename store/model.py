"""The store's types: who a size is for, what it is, and what is remembered about it.

All frozen. `cpu` is always millicores and `memory` always bytes; None means "not set", never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kube.kinds import Kind
from store.reasons import Reason

PODSIZE = Kind("PodSize", "podtailor.io/v1alpha1", "podsizes")


@dataclass(frozen=True, order=True, slots=True)
class Workload:
    """The object whose pods are sized: group and kind both count."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Resources:
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


@dataclass(frozen=True, slots=True)
class Size:
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


@dataclass(frozen=True, slots=True)
class ContainerSize:
    """What one container gets, and `basis`: what it came with when that was computed."""

    name: str
    size: Size
    basis: Size = Size()


class Apply(StrEnum):
    """`all`: running pods are brought to the size. `new`: only pods that get created anyway."""

    ALL = "all"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class StoredSize:
    """`status.size`: the only thing that is ever injected.

    `template` is a fingerprint of the manifest's resources as the basis was learnt, `stamped` says
    whether it came from the webhook's own stamp (and not from a pod older than the opt-in): both
    decide whether a pod that came with other values means an edited manifest.
    """

    revision: int
    apply: Apply
    containers: tuple[ContainerSize, ...]
    template: str = ""
    stamped: bool = True


class Phase(StrEnum):
    """Where a workload stands, for people."""

    OBSERVING = "Observing"
    SETTLED = "Settled"
    APPLYING = "Applying"
    BLOCKED = "Blocked"
    ROLLED_BACK = "RolledBack"


@dataclass(frozen=True, slots=True)
class PodCount:
    """How many pods there are, and how many have the values that the store says."""

    total: int = 0
    current: int = 0


@dataclass(frozen=True, slots=True)
class BackOff:
    """Failures in a row, the time (RFC 3339, UTC) until which no pod is taken, the last one's kind.

    The kind is a reason code: workloads that fail alike are counted together.
    """

    failures: int = 0
    until: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Restarts:
    """Pods taken in the clock hour that began at `hour` (RFC 3339, UTC)."""

    hour: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Quiet:
    """Of one container: the quiet seconds that were read without a break by `until` (RFC 3339)."""

    name: str
    seconds: int
    until: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history; quantities as text, for people."""

    at: str
    revision: int
    container: str
    resource: str
    before: str | None
    after: str | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Condition:
    """A Kubernetes condition: Applied or WebhookVerified."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_time: str


@dataclass(frozen=True, slots=True)
class Status:
    """The scaler's half of the object. `size` None: the manifest's values are in force."""

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
    changes: tuple[Change, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def highest_revision(self) -> int:
        """The highest revision ever given out; the next one is one more, also after leaving."""
        seen = [s.revision for s in (self.size, self.last_good) if s]
        return max([*seen, *(c.revision for c in self.changes)], default=0)

    @property
    def retreated(self) -> bool:
        """Whether the stored size is one that was gone back to: by its own lines, or as it says."""
        if self.size is None:
            return False
        told = Phase.ROLLED_BACK is self.phase or Reason.ROLLED_BACK is self.reason
        lines = (c.reason for c in self.changes if c.revision == self.size.revision)
        return Reason.ROLLED_BACK in lines or (told and self.size.apply is Apply.NEW)


@dataclass(frozen=True, slots=True)
class PodSize:
    """One object of the store. `by_hand` is people's wish (`spec.containers`)."""

    workload: Workload
    name: str
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    by_hand: tuple[ContainerSize, ...] = ()
    status: Status = Status()
    owned: bool = False
    """Whether the workload is among the object's owners, so that it goes when the workload goes."""
