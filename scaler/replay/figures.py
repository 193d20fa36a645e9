"""What a course of sizes cost, in figures. Pure.

| figure          | is                                                                           |
| --------------- | ---------------------------------------------------------------------------- |
| `restarts`      | changes of the size: each replaces every pod                                 |
| `throttled`     | core-seconds that the container wanted and did not get                       |
| `wasted`        | core-seconds that were requested and not used                                |
| `ooms`          | minutes in which it wanted more memory than its limit                        |
| `memory_wasted` | GiB-hours of memory that were requested and not used                         |

Minutes of which nothing is known count for none of them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from scaler.replay.course import Sized
from scaler.replay.trace import MINUTE, Trace

_GIB_HOUR = 1024**3 * 60.0


@dataclass(frozen=True, slots=True)
class Figures:
    """See the table; `request`: millicores, mean over the known minutes."""

    restarts: int = 0
    throttled: float = 0.0
    wasted: float = 0.0
    ooms: int = 0
    memory_wasted: float = 0.0
    request: float = 0.0

    def as_json(self) -> dict[str, float]:
        """Rounded, for a machine."""
        return {k: round(v, 1) for k, v in asdict(self).items()}


def figures(trace: Trace, sizes: Sequence[Sized]) -> Figures:
    """Of one trace with these sizes, oldest first."""
    throttled = wasted = requested = 0.0
    known = 0
    for first, end, one in _stretches(sizes, len(trace.cpu)):
        limit, request = one.size.limits.cpu, one.size.requests.cpu or 0
        for wanted in trace.cpu[first:end]:
            if wanted is None:
                continue
            used = wanted if limit is None else min(wanted, limit)
            throttled += wanted - used
            wasted += max(0.0, request - used)
            known += 1
            requested += request
    seconds = MINUTE / 1000.0
    ooms, memory = _memory(trace, sizes)
    return Figures(
        len(sizes) - 1,
        throttled * seconds,
        wasted * seconds,
        ooms,
        memory,
        requested / known if known else 0.0,
    )


def _memory(trace: Trace, sizes: Sequence[Sized]) -> tuple[int, float]:
    ooms, wasted = 0, 0.0
    held = trace.memory or ()
    for first, end, one in _stretches(sizes, len(held)):
        limit, request = one.size.limits.memory, one.size.requests.memory or 0
        for wanted in held[first:end]:
            if wanted is not None:
                ooms += limit is not None and int(wanted > limit)
                wasted += max(0.0, request - wanted)
    return ooms, wasted / _GIB_HOUR


def _stretches(sizes: Sequence[Sized], end: int) -> list[tuple[int, int, Sized]]:
    """The minutes of each size."""
    ends = [*(s.minute for s in sizes[1:]), end]
    return [(s.minute, e, s) for s, e in zip(sizes, ends, strict=True)]
