"""A container that is pinned at its limit for half a second, with `podtailor.io/burst: "on"`. Pure.

A node agent has measured it (agent/pinned.py). The policy's own rule is asked, with what the agent
measured in the place of the minute: so the step and the reason are those of the minute's rule. What
a burst asks for, nothing is evicted for (sizing/vetting.py).

| the container                                      | outcome                                 |
| -------------------------------------------------- | --------------------------------------- |
| is not pinned, as far as its agent says            | the minute's rule                       |
| has no CPU limit, or another `limits` than `ratio` | the minute's rule: its quota would stay |
| is pinned, and has been raised `MOST` times in the | the minute's rule; where that raises    |
| last ten minutes already                           | nothing, `Cooldown`                     |
| is pinned, and the policy's rule raises it         | its step at once, without a cool-down   |
| is pinned, and the policy's rule does not          | the minute's rule                       |
"""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from kube import timestamps
from kube.quantity import format_cpu
from scaler.annotations.options import Limits
from scaler.policies.policy import Container, Usage
from scaler.policies.proposal import Proposal
from store import amounts
from store.reasons import Reason
from store.records import Change

WINDOW = 600.0
"""Seconds in which a container is raised at most `Usage.bursts` times at once."""

Rule = Callable[[Container, Usage], Proposal]


def up(container: Container, usage: Usage, rule: Rule) -> Proposal:
    """The table above; `rule`: the policy's, for CPU."""
    if not usage.pinned or container.options.limits is not Limits.RATIO:
        return rule(container, usage)
    base = amounts.base_of(container.size, "cpu")
    if base is None or base.limit is None:
        return rule(container, usage)
    names, minutes = zip(*usage.pinned, strict=True)
    asked = rule(container, replace(usage, minutes=minutes, replicas=names, pods=()))
    if asked.value is None:
        return rule(container, usage)
    times = raised(usage.changes, container.name, usage.now)
    if times < usage.bursts:
        return replace(asked, urgent=True, burst=True)
    by_minute = rule(container, usage)
    if by_minute.value is not None:
        return by_minute
    often = f"it was raised {times} times in ten minutes: its minute decides"
    message = f"{container.name} is pinned at {format_cpu(base.limit)}; {often}"
    return Proposal(None, Reason.COOLDOWN, message, by_minute.pressure)


def raised(changes: Iterable[Change], name: str, now: float) -> int:
    """How often a container's CPU was raised in the last ten minutes."""
    return sum(_raised(change, name, now) for change in changes)


def _raised(change: Change, name: str, now: float) -> bool:
    if (change.container, change.resource) != (name, "cpu"):
        return False
    at = timestamps.seconds(change.at)
    if at is None or now - at >= WINDOW:
        return False
    parse = amounts.RESOURCES["cpu"].parse
    return bool(change.before and change.after and parse(change.after) > parse(change.before))


def duration(seconds: float) -> str:
    """How long it lasted, for a message."""
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
