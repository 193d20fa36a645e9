"""May a workload's due pod be taken, as far as the rest of the cluster goes? Pure.

| in the cluster                                               | the pod                          |
| ------------------------------------------------------------ | -------------------------------- |
| the breaker is tripped (circuit_breaker.py), and a pod is in | waits, `Breaker`                 |
| flight, or the last trial was less than a minute ago         |                                  |
| it is tripped, and neither                                   | is the trial: probed, then taken |
| the hour's restarts of all workloads are used up             | waits, `RestartBudget`           |
| as many pods are being replaced as may be                    | waits, `PendingReplacement`      |
| otherwise                                                    | is taken                         |

Whether a pod is evicted or handed over (surge.py) is the same to all of them; one that is held is
in flight until it is gone or handed back. A pod in need (rollback.py) waits for none of them.

A trial whose pod comes as it should ends it all; one that fails is the next failure.
"""

from dataclasses import dataclass

from scaler.disruption.circuit_breaker import Terms
from scaler.model import Standing
from store.model import Phase
from store.reasons import Reason


@dataclass(frozen=True, slots=True)
class Ceilings:
    """For the whole cluster: pods being replaced at a time, pods taken in an hour, the breaker."""

    in_flight: int = 3
    restarts: int = 60
    breaker: Terms = Terms()  # noqa: RUF009 (frozen)


@dataclass
class Traffic:
    """What is going on in the cluster; counted on as pods are taken within a cycle.

    `trial`: seconds since the last trial began; None: there was none.
    """

    in_flight: int
    restarts: int
    tripped: str | None = None
    trial: float | None = None

    def taken(self) -> None:
        """One more pod."""
        self.in_flight += 1
        self.restarts += 1


def held(traffic: Traffic, ceilings: Ceilings) -> Standing | None:
    """Where the workload stands whose pod waits; None: its pod is taken."""
    if traffic.tripped:
        resting = traffic.trial is not None and 0 <= traffic.trial < ceilings.breaker.pause
        if traffic.in_flight or resting:
            return Standing(Phase.BLOCKED, Reason.BREAKER, traffic.tripped)
    if traffic.restarts >= ceilings.restarts:
        told = f"{ceilings.restarts} restarts in the cluster in this hour"
        return Standing(Phase.BLOCKED, Reason.RESTART_BUDGET, told)
    if traffic.in_flight >= ceilings.in_flight:
        told = f"its turn comes: {ceilings.in_flight} pods of the cluster are replaced at a time"
        return Standing(Phase.BLOCKED, Reason.PENDING_REPLACEMENT, told)
    return None
