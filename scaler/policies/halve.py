"""The rule `double` downward: what was quiet for long enough gets half. Pure.

What only grows makes small nodes worse. A container of which no minute of the last thirty, in no
pod of the workload, reached 40 % of the limit (of the request, where it has no limit) gets half of
both, by the same `limits` as a doubling and through the same checks. How quiet is read and kept
over a restart: quiet.py.

| container, `InBounds` by double.py                | outcome                                      |
| ------------------------------------------------- | -------------------------------------------- |
| `direction: up`                                   | `InBounds`                                   |
| not quiet for the whole time                      | `InBounds`                                   |
| a doubling of the workload is younger than that   | `InBounds`                                   |
| half, rounded up, is allowed                      | half, `Halved`                               |
| half is not, but at least 10 % less is            | the smallest such step, `Halved`             |
| below the manifest's size, or `cpu-min` where set | that instead, or nothing else: `AtMinimum`   |
| refused by a LimitRange, would change the QoS     | likewise, and the message says what refuses  |
| class, or fits no node; a size that was taken     |                                              |
| back before, as far as the history goes           |                                              |

**It never goes up and down.** Let L be the base before a halving and B after it; B is L/2 at
least. All minutes of all pods were below 40 % of L, which is 80 % of L/2, and below 80 % of B by
the level itself (where `limits: none` removes the limit, B may be less than L/2). So the same
usage stays below 80 % of B, and a doubling takes 90 %: the usage has to grow first. The share is a
setting, of 44 % at most, and 88 % < 90 %. The other way: after a doubling nothing is halved before
thirty minutes are over, for the level has changed and the quiet starts over, and by the history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kube import timestamps
from kube.quantity import cpu
from scaler.annotations.options import ContainerPolicy, Direction, Limits
from scaler.model import Decision, Stretch
from scaler.policies import quiet, step
from scaler.policies.quiet import Patience
from store import amounts
from store.model import Change, Size
from store.reasons import Reason

_RISEN = (Reason.DOUBLED, Reason.ROLLED_BACK)
"""Changes that made a size larger because it was needed."""


@dataclass(frozen=True)
class Resting:
    """One container that may have been quiet; `came`: the manifest's size."""

    name: str
    size: Size
    came: Size
    policy: ContainerPolicy
    failed: int = 0
    """The largest base that was taken back for a larger one: not tried again."""

    @property
    def ours(self) -> bool:
        """Whether it may shrink at all."""
        return self.policy.direction is Direction.BOTH

    @cached_property
    def least(self) -> Size | None:
        """The size at half, or at the floor above that; None where that is no step down."""
        values = self.steps
        return self.at(values[0]) if values else None

    @cached_property
    def steps(self) -> tuple[int, int] | None:
        """The smallest and the largest value of a step down; None at the floor."""
        base, came = amounts.base_of(self.size, "cpu"), amounts.base_of(self.came, "cpu")
        if base is None or came is None:
            return None
        value = step.start(base, self.policy.limits)
        manifest = step.start(came, self.policy.limits) if base.limit is not None else came.request
        floor = manifest if self._lowest is None else self._lowest
        least, most = max(-(-value // 2), floor, 1), value * 10 // 11
        return (least, most) if least <= most else None

    @property
    def _lowest(self) -> int | None:
        """What `cpu-min` allows below the manifest; a limit that is kept is not ours to move."""
        kept = self.policy.limits is Limits.KEEP and self.size.limits.cpu is not None
        return None if kept else self.policy.bounds.cpu_min

    def at(self, value: int) -> Size:
        """The size with that value; its request, too, is never below the manifest's."""
        made = step.with_value(self.size, "cpu", self.policy.limits, value)
        base, came = amounts.base_of(made, "cpu"), amounts.base_of(self.came, "cpu")
        if base is None or came is None or self._lowest is not None:
            return made
        request = max(base.request, came.request)
        if base.limit is not None:
            request = min(request, base.limit)
        return amounts.with_pair(made, "cpu", request, base.limit)

    def level(self, share: float) -> float:
        """The millicores at which a minute is not quiet (see the module's argument)."""
        base, least = amounts.base_of(self.size, "cpu"), self.least
        if base is None:
            return 0.0
        after = amounts.base_of(least, "cpu") if least else None
        return share * min(base.value, 2 * after.value if after else base.value)


def decided(rest: Resting, calm: Decision, stretch: Stretch | None, patience: Patience) -> Decision:
    """What the quiet has earned, before it is vetted; `calm`: as decided without it."""
    if calm.reason is not Reason.IN_BOUNDS or not rest.ours or stretch is None:
        return calm
    if not quiet.grown(stretch, patience):
        return calm
    told = f"{calm.message}; below {100 * patience.share:.0f} % for {stretch.seconds:.0f} s"
    if rest.least is None:
        return replace(calm, reason=Reason.AT_MINIMUM, message=f"{told}; it cannot be smaller")
    return replace(calm, target=rest.least, reason=Reason.HALVED, message=told)


def failed(changes: Sequence[Change], name: str) -> int:
    """The largest base of the container that was taken back for a larger one, 0 for none."""
    values = [0]
    for c in changes:
        if (c.container, c.resource, c.reason) == (name, "cpu", Reason.ROLLED_BACK):
            before, after = (cpu(t) if t else 0 for t in (c.before, c.after))
            values += [before] if before < after else []
    return max(values)


def too_soon(changes: Sequence[Change], patience: Patience, now: float) -> bool:
    """Whether the workload needed more lately. A clock that stepped back does not forget that."""
    times = (timestamps.seconds(c.at) for c in changes if c.reason in _RISEN)
    return any(abs(now - at) < patience.seconds for at in times if at is not None)
