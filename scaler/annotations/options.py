"""What users can ask for, as types: how a workload and each of its containers is treated."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from store.amounts import RESOURCES
from store.model import Resources


class Mode(StrEnum):
    """How far podtailor may go with a workload or a container."""

    AUTO = "auto"
    INITIAL = "initial"
    OBSERVE = "observe"
    OFF = "off"


class Limits(StrEnum):
    """What happens to the limit when the request changes."""

    RATIO = "ratio"
    KEEP = "keep"
    NONE = "none"


class Direction(StrEnum):
    """Which steps a policy may make; UP: it never shrinks."""

    BOTH = "both"
    UP = "up"


class Strategy(StrEnum):
    """How a running pod gets its size."""

    RECREATE = "recreate"
    RESIZE = "resize"


class Switch(StrEnum):
    """Whether something is done that is not done by default."""

    OFF = "off"
    ON = "on"


class Disruption(StrEnum):
    """How a pod is replaced."""

    SURGE = "surge"
    EVICT = "evict"
    DELETE = "delete"


class SingleReplica(StrEnum):
    """What to do with a workload's only pod."""

    WAIT = "wait"
    RESTART = "restart"


class Bounds(Struct, frozen=True, gc=False):
    """Bounds of the limit, or of the request where there is no limit; millicores and bytes."""

    cpu_min: int | None = None
    cpu_max: int | None = None
    memory_min: int | None = None
    memory_max: int | None = None

    def least(self, resource: str) -> int | None:
        """The minimum of one resource."""
        return Resources(self.cpu_min, self.memory_min)[resource]

    def most(self, resource: str) -> int | None:
        """The maximum of one resource."""
        return Resources(self.cpu_max, self.memory_max)[resource]


class PolicyNames(Struct, frozen=True):
    """The names that `podtailor.io/policy` may have; what they stand for is not known here.

    `default`: where the annotation is missing. `later`: reserved for a later release. `strategy`:
    the strategy where that annotation is missing.
    """

    default: str
    here: tuple[str, ...]
    later: tuple[str, ...] = ()
    strategy: Strategy = Strategy.RECREATE
    per_node: bool = True
    """Whether `podtailor.io/per-node: "on"` may be asked for."""


class ContainerPolicy(Struct, frozen=True, gc=False):
    """How one container is treated; `named`: some `.<container>` annotation names it."""

    policy: str
    """The name of the policy that decides its sizes."""
    mode: Mode = Mode.AUTO
    resources: frozenset[str] = frozenset(RESOURCES)
    limits: Limits = Limits.RATIO
    direction: Direction = Direction.BOTH
    bounds: Bounds = Bounds()
    named: bool = False
    burst: bool = False
    """Whether it is raised at once where a node agent says that it is pinned at its limit."""
    restarts: frozenset[str] = frozenset()
    """Resources whose change in place restarts it: what the webhook sets as `resizePolicy`."""


class Settings(Struct, frozen=True):
    """An enrolled workload's settings; `mode` OFF: it opted out, and nothing else counts."""

    mode: Mode
    default: ContainerPolicy
    strategy: Strategy = Strategy.RECREATE
    disruption: Disruption = Disruption.SURGE
    single_replica: SingleReplica = SingleReplica.WAIT
    paused: bool = False
    per_node: bool = False
    """Whether sizes are by kind of node."""
    containers: Mapping[str, ContainerPolicy] = field(default_factory=dict)

    def container(self, name: str) -> ContainerPolicy:
        """The policy of one container: its own where annotations name it, else the workload's."""
        return self.containers.get(name, self.default)


class BadAnnotation(Struct, frozen=True):
    """All mistakes in one message: the annotation, its value and what is allowed."""

    message: str
