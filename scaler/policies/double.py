"""The policy `double`: the thesis's rule for steps up. Its steps down: halve.py. Pure.

A pod whose one-minute CPU mean reaches 90 % of its limit (of its request, where it has no limit)
gets twice the request and limit. One hot pod is enough, as all pods share one size and uneven load
must not be averaged away. Its rules for memory: memory.py.

| container                                   | outcome                                      |
| ------------------------------------------- | -------------------------------------------- |
| any pod's minute >= 90 % of the base        | `Doubled`, the stepped value times two       |
| any pod was throttled in most periods of    | `Throttled`, likewise: bursts hide in the    |
| its minute                                  | mean of a minute                             |
| a node agent says that it is pinned at its  | as its minute would: burst.py                |
| limit, and `podtailor.io/burst` is on       |                                              |
| it is killed before it has a minute, and    | `Throttled`, likewise: starved.py            |
| throttled all the time                      |                                              |
| every pod's minute below both               | `InBounds`                                   |
| no pod has a minute                         | `StaleUsage`, `WarmingUp` or `NoUsage`       |
| neither request nor limit, or they are zero | `NothingToScale`                             |
| `limits: keep` and the request is the limit | `AtMaximum`                                  |

Source: "Autoscaling of Container-Based Virtualization towards Heterogeneous IoT Systems", 2018.
"""

from operator import attrgetter

from msgspec.structs import replace

from kube.quantity import format_cpu
from scaler.annotations.options import Limits
from scaler.policies import burst, halve, memory, missing, starved, step
from scaler.policies.policy import Container, Down, Policy, Usage
from scaler.policies.proposal import Proposal
from scaler.policies.quiet import throttled
from scaler.usage.window import Minute
from store.amounts import Base
from store.reasons import Reason

THRESHOLD = 0.9
FACTOR = 2


def up(container: Container, usage: Usage) -> Proposal:
    """The proposed value in millicores or bytes, or why there is none."""
    if container.resource == "memory":
        return memory.up(container, usage)
    return burst.up(container, usage, cpu)


def down(container: Container, usage: Usage) -> Down:
    """Memory never goes down by itself."""
    return Down() if container.resource == "memory" else halve.down(container, usage)


def cpu(container: Container, usage: Usage) -> Proposal:
    """The proposed CPU value in millicores, or why there is none."""
    name, base = container.name, missing.base_of(container)
    if isinstance(base, Proposal):
        return base
    known = [m for m in usage.minutes if isinstance(m, Minute)]
    if not known:
        if (starving := starved.why(container, base, usage)) is not None:
            wanted = Proposal(None, Reason.THROTTLED, starving, THRESHOLD)
            return _more(container, base, wanted)
        return missing.why(name, usage.minutes)
    hottest = max(known, key=attrgetter("mean"))
    pressure = hottest.mean / base.value
    lasted = burst.duration(hottest.seconds)
    used = f"{name} used {hottest.mean:.0f}m of {format_cpu(base.value)} for {lasted}"
    if pressure >= THRESHOLD:
        return _more(container, base, Proposal(None, Reason.DOUBLED, used, pressure))
    pinched = [m for m in known if m.throttled and throttled(m)]
    if base.limit is None or not pinched:
        return Proposal(None, Reason.IN_BOUNDS, used, pressure)
    worst = max(pinched, key=lambda m: m.throttled or 0.0)
    message = (
        f"{name} was throttled in {100 * (worst.throttled or 0.0):.0f} % of its periods for "
        f"{burst.duration(worst.seconds)}, using {worst.mean:.0f}m of {format_cpu(base.value)} "
        "on average"
    )
    return _more(container, base, Proposal(None, Reason.THROTTLED, message, THRESHOLD))


def _more(container: Container, base: Base, wanted: Proposal) -> Proposal:
    """The step up for that reason, by `limits`."""
    limits = container.options.limits
    if kept := missing.kept(container, base, wanted):
        return kept
    value = step.start(base, limits) * FACTOR
    if limits is Limits.KEEP and base.limit is not None:
        value = min(value, base.limit)
    return replace(wanted, value=value)


POLICY = Policy(
    resources=frozenset({"cpu", "memory"}),
    reasons=frozenset(
        {
            Reason.DOUBLED,
            Reason.HALVED,
            Reason.THROTTLED,
            Reason.MEMORY_PRESSURE,
            Reason.OOM_KILLED,
        }
    ),
    larger=Reason.DOUBLED,
    smaller=Reason.HALVED,
    above_manifest=True,
    up=up,
    down=down,
    lowered=halve.lowered,
    rising=frozenset({"memory"}),
)
