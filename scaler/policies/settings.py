"""What policies go by where no annotation says otherwise. Maxima None: no bound."""

from dataclasses import dataclass

from msgspec.structs import replace

from kube import quantity
from kube.environment import flag, number, one_of, setting
from scaler.annotations.options import Bounds, PolicyNames, Strategy
from scaler.policies import table
from scaler.policies.policy import Horizon, Patience


@dataclass(frozen=True)
class PolicySettings:
    """Names equal the chart's value paths."""

    cpu_max: int | None = setting(
        None, "POLICY_CPUMAX", "largest CPU limit of any container", quantity.cpu
    )
    memory_max: int | None = setting(
        None, "POLICY_MEMORYMAX", "largest memory limit", quantity.memory
    )
    policy_default: str = setting(
        table.NAMES.default,
        "POLICY_DEFAULT",
        "policy of workloads without podtailor.io/policy: " + " or ".join(table.NAMES.here),
        one_of(table.NAMES.here),
    )
    policy_strategy: str = setting(
        Strategy.RECREATE.value,
        "POLICY_STRATEGY",
        "strategy of workloads without podtailor.io/strategy: " + " or ".join(Strategy),
        one_of(tuple(Strategy)),
    )
    per_node: bool = setting(
        True,
        "POLICY_PERNODE",
        "let workloads ask for sizes by kind of node (podtailor.io/per-node)",
        flag,
    )
    halve_quiet: int = setting(
        1800,
        "POLICY_HALVE_QUIET",
        "seconds of low usage before a size is halved",
        number(3, 7 * 86400),
    )
    halve_below: int = setting(
        40,
        "POLICY_HALVE_BELOW",
        "low usage: percent of the limit that no minute reaches",
        number(1, 44),
    )
    track_window: int = setting(
        8 * 86400,
        "POLICY_TRACK_WINDOW",
        "seconds of usage that a size of the policy track goes by",
        number(120, 60 * 86400),
    )
    track_learning: int = setting(
        86400,
        "POLICY_TRACK_LEARNING",
        "seconds of usage that must be known before such a size gets smaller",
        number(60, 60 * 86400),
    )
    track_pause: int = setting(
        3600,
        "POLICY_TRACK_PAUSE",
        "seconds after a change in which such a size gets no smaller",
        number(1, 7 * 86400),
    )
    bursts: int = setting(
        3,
        "POLICY_BURST_PERTENMINUTES",
        "how often in ten minutes a container may be raised because an agent sees it pinned",
        number(1, 100),
    )

    @property
    def maxima(self) -> Bounds:
        """The largest limits of any container, in millicores and bytes."""
        return Bounds(cpu_max=self.cpu_max, memory_max=self.memory_max)

    @property
    def patience(self) -> Patience:
        """When a size is halved."""
        return Patience(self.halve_quiet, self.halve_below / 100)

    @property
    def horizon(self) -> Horizon:
        """How far back a size of the policy track looks."""
        return Horizon(self.track_window, self.track_learning, self.track_pause)

    @property
    def policies(self) -> PolicyNames:
        """What annotations may name, and what holds without them."""
        strategy = Strategy(self.policy_strategy)
        return replace(
            table.NAMES, default=self.policy_default, strategy=strategy, per_node=self.per_node
        )
