"""The largest use in 100 ms, and what else is reported of a container once a minute. Pure."""

from msgspec import Struct

from agent.pinned import Sample

SECONDS = 60.0


class Summary(Struct, frozen=True, gc=False):
    """`mean` and `peak` in millicores; `throttled` a share of periods, None without a limit.

    `waited`: share of the time in which something in it waited for a CPU; None: unknown.
    """

    seconds: float
    mean: float
    peak: float
    throttled: float | None
    waited: float | None


class Sum(Struct, frozen=True, gc=False):
    """A minute that is under way. `waited`: microseconds as of its begin; None: unknown."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    periods: int = 0
    throttled: int = 0
    waited: int | None = None


def added(before: Sum, sample: Sample) -> Sum:
    """With one more sample."""
    return Sum(
        before.seconds + sample.seconds,
        before.cpu + sample.used * sample.seconds,
        max(before.peak, sample.used),
        before.periods + sample.periods,
        before.throttled + sample.throttled,
        before.waited,
    )


def summary(whole: Sum, waited: int | None) -> Summary | None:
    """What a minute that is over says; None: it has no sample. `waited`: as of its end."""
    if not whole.seconds:
        return None
    share = min(1.0, whole.throttled / whole.periods) if whole.periods else None
    waiting = None
    if waited is not None and whole.waited is not None and waited >= whole.waited:
        waiting = min(1.0, (waited - whole.waited) / 1_000_000 / whole.seconds)
    return Summary(whole.seconds, whole.cpu / whole.seconds, whole.peak, share, waiting)
