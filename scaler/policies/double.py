"""The policy `double`: the thesis's rule for steps up. Its steps down: halve.py. Pure.

A pod whose one-minute CPU mean reaches 90 % of its limit (of its request, where it has no limit)
gets twice the request and limit. One hot pod is enough, as all pods share one size and uneven load
must not be averaged away. Memory is left alone.

| container                                   | outcome                                      |
| ------------------------------------------- | -------------------------------------------- |
| any pod's minute >= 90 % of the base        | `Doubled`, the stepped value times two       |
| every pod's minute below that               | `InBounds`                                   |
| no pod has a minute                         | `StaleUsage`, `WarmingUp` or `NoUsage`       |
| neither request nor limit, or they are zero | `NothingToScale`                             |
| `limits: keep` and the request is the limit | `AtMaximum`                                  |

Source: "Autoscaling of Container-Based Virtualization towards Heterogeneous IoT Systems", 2018.
"""

from collections.abc import Sequence

from kube.quantity import format_cpu
from scaler.annotations.options import Limits
from scaler.policies import halve, step
from scaler.policies.policy import Container, Policy, Usage
from scaler.policies.proposal import Proposal
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.reasons import Reason

THRESHOLD = 0.9
FACTOR = 2

_BY_PRIORITY = (Reason.STALE_USAGE, Reason.WARMING_UP, Reason.NO_USAGE)


def up(container: Container, usage: Usage) -> Proposal:
    """The proposed CPU value in millicores, or why there is none."""
    name, limits, minutes = container.name, container.options.limits, usage.minutes
    base = amounts.base_of(container.size, "cpu")
    if base is None or step.start(base, limits) == 0:
        return Proposal(
            None, Reason.NOTHING_TO_SCALE, f"{name} has no CPU request or limit: set a request"
        )
    known = [m for m in minutes if isinstance(m, Minute)]
    if not known:
        return _unknown(name, [m for m in minutes if isinstance(m, NoMinute)])
    hottest = max(known, key=lambda m: m.mean)
    pressure = hottest.mean / base.value
    used = (
        f"{name} used {hottest.mean:.0f}m of {format_cpu(base.value)} for {hottest.seconds:.0f} s"
    )
    if pressure < THRESHOLD:
        return Proposal(None, Reason.IN_BOUNDS, used, pressure)
    if limits is Limits.KEEP and base.request == base.limit:
        kept = f"{used}; its request is its limit, which `limits: keep` leaves as written"
        return Proposal(None, Reason.AT_MAXIMUM, kept, pressure)
    value = step.start(base, limits) * FACTOR
    if limits is Limits.KEEP and base.limit is not None:
        value = min(value, base.limit)
    return Proposal(value, Reason.DOUBLED, used, pressure)


def _unknown(name: str, minutes: Sequence[NoMinute]) -> Proposal:
    for reason in _BY_PRIORITY:
        for missing in minutes:
            if missing.reason is reason:
                return Proposal(None, reason, f"{name}: {missing.message}")
    return Proposal(None, Reason.NO_USAGE, f"{name}: no pod at the current size")


POLICY = Policy(
    resources=frozenset({"cpu"}),
    reasons=frozenset({Reason.DOUBLED, Reason.HALVED}),
    up=up,
    down=halve.down,
    lowered=halve.lowered,
)
