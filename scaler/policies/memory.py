"""The memory rules of `double`: real shortage, never page cache. Never down by itself. Pure.

What the kernel can take back at any time (page cache) is no need: a file server's working set
fills any limit. What counts is memory that cannot be reclaimed, and that the container was killed.

| container                                             | outcome                               |
| ----------------------------------------------------- | ------------------------------------- |
| killed at its own limit, which is no smaller than the | `OOMKilled`, twice the limit that it  |
| one that new pods get, within a week                  | had, at once                          |
| the same, without a limit, or while its node was      | nothing: the node lacked memory       |
| short of memory                                       |                                       |
| needs >= 90 % of its limit, a minute's mean           | `MemoryPressure`, twice as much       |
| needs >= 80 % at most, and the kernel shows that it   | the same                              |
| is short (usage/kernel.py)                            |                                       |
| needs less                                            | `InBounds`                            |
| its node does not say (the Metrics API, no cAdvisor)  | `NoUsage`; kills are seen all the same|
| no pod has a minute                                   | `StaleUsage`, `WarmingUp`, `NoUsage`  |
| neither request nor limit, or they are zero           | `NothingToScale`                      |
| `limits: keep` and the request is the limit           | `AtMaximum`                           |

The limit of memory is never removed: `limits: none` is about CPU, and memory moves as by `ratio`
then (sizing/governing.py).

**It ends.** A kill at a limit smaller than the present one says nothing new, so each kill of a size
raises it once, and a program that needs four times its limit is healed by two steps. The size that
followed a kill is a floor for a week: no policy goes below it (`floor`).
"""

from collections.abc import Sequence
from operator import attrgetter

from msgspec.structs import replace

from kube import timestamps
from kube.quantity import format_memory
from scaler.annotations.options import Limits
from scaler.policies import missing, step
from scaler.policies.policy import Container, Usage
from scaler.policies.proposal import Proposal
from scaler.usage.window import Minute
from store import amounts
from store.amounts import Base
from store.reasons import Reason
from store.records import Change

FACTOR = 2
THRESHOLD = 0.9
SHORT = 0.8
"""Share of the limit that a container must need for the kernel's signs to count: with less, what
reaches the limit is page cache."""
REMEMBERED = 7 * 86400.0
"""Seconds for which a kill counts, and the size after it is kept as a floor."""


def up(container: Container, usage: Usage) -> Proposal:
    """The proposed memory in bytes, or why there is none."""
    name, base = container.name, missing.base_of(container)
    if isinstance(base, Proposal):
        return base
    if (killed := _killed_at(base, usage)) is not None:
        message = f"{name} was killed at its memory limit of {format_memory(killed)}"
        wanted = Proposal(None, Reason.OOM_KILLED, message, 1.0, urgent=True)
        return _more(container, base, killed, wanted)
    known = [m for m in usage.minutes if isinstance(m, Minute)]
    if not known:
        return missing.why(name, usage.minutes)
    needs = [m for m in known if m.needed is not None]
    if not needs:
        message = f"{name}: its node does not say how much of its memory can be reclaimed"
        return Proposal(None, Reason.NO_USAGE, message)
    return _judged(container, base, needs)


def _judged(container: Container, base: Base, minutes: Sequence[Minute]) -> Proposal:
    worst = max(minutes, key=attrgetter("needed"))  # none of them is None
    pressure = (worst.needed or 0) / base.value if base.value else 0.0
    needs = (
        f"{container.name} needed {format_memory(worst.needed or 0)} of "
        f"{format_memory(base.value)} of memory for {worst.seconds:.0f} s"
    )
    if pressure >= THRESHOLD:
        wanted = Proposal(None, Reason.MEMORY_PRESSURE, needs, pressure)
        return _more(container, base, base.value, wanted)
    short = [m for m in minutes if m.short and (m.needed_peak or 0) >= SHORT * base.value]
    if short:
        peak = max(m.needed_peak or 0 for m in short)
        message = (
            f"{container.name} was short of memory: it needed up to {format_memory(peak)} of "
            f"{format_memory(base.value)}, and had to wait for the rest"
        )
        peaked = max(pressure, peak / base.value)
        wanted = Proposal(None, Reason.MEMORY_PRESSURE, message, peaked)
        return _more(container, base, base.value, wanted)
    return Proposal(None, Reason.IN_BOUNDS, needs, pressure)


def _more(container: Container, base: Base, had: int, wanted: Proposal) -> Proposal:
    """Twice `had`, the limit at which it was too little, for that reason."""
    limits = container.options.limits
    if kept := missing.kept(container, base, wanted):
        return kept
    value = step.start(base, limits) * FACTOR
    if limits is Limits.KEEP and base.limit is not None:
        value = min(value, base.limit)
    elif limits is not Limits.KEEP:
        value = max(value, had * FACTOR)
    return replace(wanted, value=value)


def _killed_at(base: Base, usage: Usage) -> int | None:
    """The largest limit that was too little, where new pods would get no more than that."""
    if base.limit is None:
        return None
    recent = [k.limit for k in usage.kills if usage.now - k.at < REMEMBERED]
    most = max(recent, default=0)
    return most if most >= base.limit else None


def floor(changes: Sequence[Change], container: str, now: float) -> int:
    """The bytes below which the container's memory must not go after it was killed; 0: none."""
    parse = amounts.RESOURCES["memory"].parse
    for c in changes:
        if (c.container, c.resource, c.reason) == (container, "memory", Reason.OOM_KILLED):
            at = timestamps.seconds(c.at)
            recent = at is not None and now - at < REMEMBERED
            return parse(c.after) if recent and c.after else 0
    return 0
