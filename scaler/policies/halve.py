"""The steps down of `double`: a container that was quiet for long enough gets half. Pure.

Sizes that only grow waste small nodes. A container that reached 40 % of its limit (of its request,
where it has no limit) in no minute of the last thirty, in no pod of the workload, gets half of
both, by the same `limits` as a doubling and with the same checks. How quiet is measured, and kept
over a restart: quiet.py.

| container, `InBounds` by the step up              | outcome                                      |
| ------------------------------------------------- | -------------------------------------------- |
| `direction: up`                                   | `InBounds`                                   |
| not quiet for the whole time                      | `InBounds`                                   |
| a doubling of the workload is more recent         | `InBounds`                                   |
| half, rounded up, is allowed                      | half, `Halved`                               |
| half is not, but at least 10 % less is            | the smallest such step, `Halved`             |
| below the manifest's size, or `cpu-min` where set | that minimum; if no step is left `AtMinimum` |
| above `cpu-max`, or the cluster's maximum         | that maximum, if it was quiet for that       |
| refused by a LimitRange, would change the QoS     | likewise, and the message says why           |
| class, fits no node, or was rolled back before    |                                              |
| (as far as the log of changes goes back)          |                                              |

What a log of changes shows to have been raised again soon after a step down waits (regret.py).

**It does not oscillate.** Let L be the base before a halving and B after it; B is L/2 at least. All
minutes of all pods were below 40 % of L, which is 80 % of L/2, and below 80 % of B by the level
itself (where `limits: none` removes the limit, B may be less than L/2). So the same usage stays
below 80 % of B, and a doubling needs 90 %: usage has to grow first. The share is a setting of at
most 44 %, and 88 % < 90 %. Conversely, nothing is halved in the thirty minutes after a doubling:
the level has changed, so the quiet starts over, and the log of changes forbids it as well.
"""

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from kube import timestamps
from kube.memo import computed_once
from scaler.annotations.options import ContainerPolicy, Direction, Limits
from scaler.model import Stretch
from scaler.policies import quiet, step
from scaler.policies.policy import Container, Down, Patience, Usage
from scaler.policies.proposal import Proposal
from store import amounts
from store.model import Size
from store.reasons import Reason
from store.records import Change

_RISEN = (Reason.DOUBLED, Reason.THROTTLED, Reason.ROLLED_BACK)
"""Reasons of changes that made a size larger because it was needed."""


def down(container: Container, usage: Usage) -> Down:
    """The step down that a container's quiet allows, and how long the quiet has lasted."""
    if container.options.direction is not Direction.BOTH:
        return Down()
    rest = _resting(container.name, container.size, container.came, container.options)
    patience = usage.patience
    stretch = _stretch(rest, usage)
    keep = None
    if rest.least is not None:
        keep = quiet.kept(usage.stored, rest.name, stretch, patience)
    if stretch is None or not quiet.grown(stretch, patience):
        return Down(None, stretch, keep)
    if too_soon(usage.changes, patience, usage.now):
        return Down(None, stretch, keep)
    return Down(proposed(rest, stretch, patience), stretch, keep)


def lowered(change: Change) -> bool:
    """Whether it was a halving."""
    return change.reason is Reason.HALVED


class Resting(Struct, frozen=True, dict=True):
    """One container that may have been quiet; `came`: the manifest's size."""

    name: str
    size: Size
    came: Size
    policy: ContainerPolicy

    @computed_once
    def least(self) -> Size | None:
        """The size at half, or at the floor above that; None where that is no step down."""
        values = self.steps
        return self.at(values[0]) if values else None

    @computed_once
    def steps(self) -> tuple[int, int] | None:
        """The smallest and the largest value of a step down; None at the floor."""
        base, came = amounts.base_of(self.size, "cpu"), amounts.base_of(self.came, "cpu")
        if base is None or came is None:
            return None
        value = step.start(base, self.policy.limits)
        manifest = step.start(came, self.policy.limits) if base.limit is not None else came.request
        floor = manifest if self._lowest is None else self._lowest
        least, worth = max(-(-value // 2), floor, 1), step.most_down(base, self.policy.limits)
        most = step.highest_down(base, "cpu", self.policy)
        if most < worth:
            least = min(least, most)  # a maximum wins over half and over the floor
        return (least, most) if 1 <= least <= most else None

    @property
    def _lowest(self) -> int | None:
        """What `cpu-min` allows below the manifest; under `limits: keep` a limit never changes."""
        kept = self.policy.limits is Limits.KEEP and self.size.limits.cpu is not None
        return None if kept else self.policy.bounds.cpu_min

    @property
    def least_request(self) -> int:
        """The lower bound of the request: the manifest's, unless `cpu-min` replaces it.

        A maximum wins over it: it may be that of the request itself.
        """
        came, most = amounts.base_of(self.came, "cpu"), self.policy.bounds.cpu_max
        if came is None or self._lowest is not None:
            return 0
        return came.request if most is None else min(came.request, most)

    def at(self, value: int) -> Size:
        """The size with that value."""
        made = step.with_value(self.size, "cpu", self.policy.limits, value)
        return step.floored(made, "cpu", self.least_request)

    def level(self, share: float) -> float:
        """The millicores at which a minute is not quiet (see the module's argument)."""
        base, least = amounts.base_of(self.size, "cpu"), self.least
        if base is None:
            return 0.0
        after = amounts.base_of(least, "cpu") if least else None
        return share * min(base.value, 2 * after.value if after else base.value)


_resting = lru_cache(maxsize=4096)(Resting)  # the same few in each cycle


def proposed(rest: Resting, stretch: Stretch, patience: Patience) -> Proposal:
    """Half, or that it cannot be smaller, for a stretch that is long enough."""
    below = f"below {100 * patience.share:.0f} % for {stretch.seconds:.0f} s"
    if rest.steps is None:
        return Proposal(None, Reason.AT_MINIMUM, f"{below}; it cannot be smaller")
    return Proposal(rest.steps[0], Reason.HALVED, below, least_request=rest.least_request)


def too_soon(changes: Sequence[Change], patience: Patience, now: float) -> bool:
    """Whether the workload needed more recently, also where the clock has stepped back since."""
    times = (timestamps.seconds(c.at) for c in changes if c.reason in _RISEN)
    return any(abs(now - at) < patience.seconds for at in times if at is not None)


def _stretch(rest: Resting, usage: Usage) -> Stretch | None:
    level, now = rest.level(usage.patience.share), usage.now
    after = quiet.followed(usage.stretch, usage.pods, level, now)
    return after or quiet.taken_up(usage.stored, usage.patience, usage.pods, level, now)
