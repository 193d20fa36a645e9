"""What the policy `track` aims at: from minutes to the size that covers them. Pure.

The *base* is the limit, or the request where there is no limit. What the long window asks for:

| of the minutes in the window                       | covers                                      |
| -------------------------------------------------- | ------------------------------------------- |
| 93 %, and 10 % more                                | the base                                    |
| 60 %                                               | the request, where there is a limit above   |
| 80 %                                               | the request, where `limits: keep` leaves    |
|                                                    | the limit as written                        |
"""

from math import ceil

from msgspec import Struct

from kube import timestamps
from kube.memo import once
from scaler.annotations.options import Limits
from scaler.policies.policy import Usage
from scaler.policies.quiet import throttled
from scaler.usage.long_window import LongWindow
from scaler.usage.window import Minute
from store.amounts import Base

PINNED = 0.95
"""Share of its limit from which it is not known what a container would use."""
COVERED, REQUESTED, KEPT = 0.93, 0.6, 0.8
MARGIN = 1.1
FAR, FAR_WITHOUT_LIMIT = 2.0, 1.2
LEAST = 10
"""Millicores: no request is made smaller than that."""


class Hottest(Struct, frozen=True):
    """The replica that uses most, against the base."""

    minute: Minute
    replica: str
    base: Base

    @property
    def pinned(self) -> bool:
        """Whether what it would use is not known."""
        limit = self.base.limit
        if limit is None:
            return False
        return self.minute.mean >= PINNED * limit or throttled(self.minute)

    @property
    def far(self) -> bool:
        """Whether it uses far more than its request."""
        factor = FAR_WITHOUT_LIMIT if self.base.limit is None else FAR
        return 0 < self.base.request * factor <= self.minute.mean

    @property
    def level(self) -> float:
        """Millicores from which a minute counts as this one does; 0 where it does not."""
        if self.pinned:
            return min(PINNED * (self.base.limit or 0), self.minute.mean)
        return self.minute.mean if self.far else 0.0

    @property
    def pressure(self) -> float:
        """Used / base."""
        return self.minute.mean / self.base.value


def followed(base: Base, usage: Usage) -> Hottest | None:
    """The contributing replica that uses most, or one that is throttled; None: none is known."""
    names = [*usage.replicas, *[""] * len(usage.minutes)]
    known = [(m, n) for m, n in zip(usage.minutes, names, strict=False) if isinstance(m, Minute)]
    if not known:
        return None
    found = max(known, key=lambda one: (throttled(one[0]), one[0].mean))
    top = max(known, key=lambda one: one[0].mean)
    if Hottest(*top, base).pinned:
        found = top
    return Hottest(*found, base)


def aim(base: Base, limits: Limits, window: LongWindow) -> int:
    """The value (see step.start) that the window asks for."""
    covered, kept, requested = _asked_for(window)
    if limits is Limits.KEEP:
        requested = kept
    return covering(base, limits, covered * MARGIN, requested)


@once
def _asked_for(window: LongWindow) -> list[float]:
    return window.percentiles(COVERED, KEPT, REQUESTED)


def covering(base: Base, limits: Limits, covered: float, requested: float) -> int:
    """The value with which the base has `covered` millicores and the request `requested`."""
    requested = max(requested, float(LEAST))
    if base.limit is None or limits is Limits.NONE:
        return ceil(max(covered, LEAST))
    if limits is Limits.KEEP:
        return min(base.limit, ceil(requested))
    share = base.limit / base.request if base.request else 0.0
    return ceil(max(covered, requested * share, LEAST))


def changed_lately(usage: Usage) -> bool:
    """Whether anything of the workload has changed within the pause, by any clock."""
    if not usage.changes:
        return False
    at = timestamps.seconds(usage.changes[0].at)
    return at is not None and abs(usage.now - at) <= usage.horizon.pause
