"""How the programs in the pods behave: what they use, how long they take, when they fail."""

from dataclasses import dataclass, field

from tests.simulation.etcd import Json

LABEL = "app"


@dataclass
class App:
    """One workload's program; its pods are known by the label `app`.

    `demand` in millicores a pod would use if nothing limited it, by container. `memory` in bytes of
    the first container: a limit below it ends in an OOM kill right after each start. `cache`: bytes
    of files that it reads all the time, on top of that. `bursts`: millicores that it wants in more
    than half of all periods, though its mean is `demand`. `burns`: for so many seconds after each
    start, its first container wants so many millicores more.
    """

    name: str
    demand: dict[str, float]
    memory: int
    start: tuple[float, float] = (0.5, 3.0)
    ready: tuple[float, float] = (1.0, 8.0)
    end: tuple[float, float] = (0.3, 4.0)
    slow: bool = False
    """It always takes longer to become Ready than the longest deadline."""
    never_ready: bool = False
    """It never becomes Ready."""
    spread: float = 0.1
    cache: int = 0
    bursts: float = 0.0
    burns: tuple[float, float] = (0.0, 0.0)
    skew: dict[str, float] = field(default_factory=dict)
    """By pod: what its load is in relation to the others'."""


def app_of(pod: Json) -> str:
    """The name of a pod's program."""
    return str((pod["metadata"].get("labels") or {}).get(LABEL, ""))
