"""The outcome of a replay as a table to read and as JSON. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from scaler.replay.course import Sized
from scaler.replay.figures import Figures
from scaler.replay.trace import Trace
from store import amounts
from store.sizes import size_to_json

AS_IT_IS = "none"
"""In the place of a policy: the manifest's size stays."""

_HEADS = ("trace", "policy", "restarts", "throttled", "wasted", "OOMs", "request")
_UNITS = ("", "", "", "core-s", "core-s", "", "mean")


class Replayed(Struct, frozen=True):
    """One trace under one policy."""

    trace: Trace
    policy: str
    sizes: Sequence[Sized]
    figures: Figures


def table(found: Sequence[Replayed]) -> str:
    """All policies side by side, and their sums where there is more than one trace."""
    rows: list[Sequence[str]] = [_HEADS, _UNITS]
    rows += [_row(one.trace.name, one.policy, one.figures) for one in found]
    if len({one.trace.name for one in found}) > 1:
        for policy in dict.fromkeys(one.policy for one in found):
            rows.append(_row("sum", policy, summed([o for o in found if o.policy == policy])))
    widths = [max(len(row[n]) for row in rows) for n in range(len(_HEADS))]
    return "\n".join(_line(row, widths) for row in rows)


def summed(found: Sequence[Replayed]) -> Figures:
    """The figures of several traces together; the request is their mean."""
    every = [one.figures for one in found]
    return Figures(
        sum(f.restarts for f in every),
        sum(f.throttled for f in every),
        sum(f.wasted for f in every),
        sum(f.ooms for f in every),
        sum(f.memory_wasted for f in every),
        sum(f.request for f in every) / max(1, len(every)),
    )


def as_json(found: Sequence[Replayed]) -> list[Mapping[str, object]]:
    """For a machine: the figures and the sizes, with the seconds since when each is in force."""
    return [
        {
            "trace": one.trace.name,
            "policy": one.policy,
            "minutes": len(one.trace.cpu),
            **one.figures.as_json(),
            "sizes": [
                {
                    "at": round(one.trace.start + 60 * s.minute, 3),
                    "minute": s.minute,
                    "reason": s.reason,
                    **size_to_json(s.size),
                }
                for s in one.sizes
            ],
        }
        for one in found
    ]


def _row(name: str, policy: str, figures: Figures) -> tuple[str, ...]:
    return (
        name,
        policy,
        str(figures.restarts),
        f"{figures.throttled:,.0f}",
        f"{figures.wasted:,.0f}",
        str(figures.ooms),
        amounts.formatted(round(figures.request), "cpu"),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
    right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
    return "  ".join([*left, *right]).rstrip()
