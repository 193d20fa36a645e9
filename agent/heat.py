"""How fast a node's CPUs may run and did, and how often they were held back, by minute. Pure.

A governor lowers the clock of CPUs that have nothing to do, so a CPU's low clock alone is no sign
of heat. What a round over all CPUs says is the clock of the fastest one.

| of a minute | is                                                        | None without         |
| ----------- | --------------------------------------------------------- | -------------------- |
| `clock`     | mean over the rounds, as a share of the CPU's maximum     | a whole round        |
| `lowest`    | the smallest of them                                      | a whole round        |
| `allowed`   | the smallest share that any CPU was allowed to run at     | a reading of it      |
| `throttles` | by how much the counter grew that grew most (all CPUs of  | a counter, or a      |
|             | a package count the same event), or how often the         | firmware that says   |
|             | firmware began to hold the CPUs back: at least 1 while it |                      |
|             | does. The larger of both                                  |                      |
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

HELD_BACK = 0b1110
"""Bits of the Raspberry Pi firmware's `get_throttled` as of now: clock capped, throttled, at the
soft limit of its temperature. Voltage that is too low (bit 0) shows in the first two."""


class Reading(Struct, frozen=True, gc=False):
    """Of one CPU, or CPUs that share a clock, as shares of its maximum: is, and may be."""

    clock: float
    allowed: float | None


class Sum(Struct, frozen=True):
    """A minute that is under way. `fastest`: of the round that is, None: nothing was read in it."""

    rounds: int = 0
    total: float = 0.0
    lowest: float = 1.0
    fastest: float | None = None
    allowed: float | None = None
    firmware: bool = False
    """Whether a firmware said anything."""
    held: bool = False
    """Whether it holds the CPUs back, as of its last word."""
    onsets: int = 0


class Summary(Struct, frozen=True, gc=False):
    """By the table; `seconds`: of how long."""

    seconds: float
    clock: float | None = None
    lowest: float | None = None
    allowed: float | None = None
    throttles: int | None = None


def reading(current: int | None, most: int | None, highest: int | None) -> Reading | None:
    """Of scaling_cur_freq, scaling_max_freq and cpuinfo_max_freq, all in kHz; None: unknown."""
    if not current or current < 0 or not highest or highest < 0:
        return None
    may = min(1.0, most / highest) if most and most > 0 else None
    return Reading(min(1.0, current / highest), may)


def added(before: Sum, one: Reading | None, *, last: bool) -> Sum:
    """With one more CPU read; `last`: it was the last one of a round."""
    fastest, allowed = before.fastest, before.allowed
    if one:
        fastest = max(fastest or 0.0, one.clock)
        allowed = _lower(allowed, one.allowed)
    if not last or fastest is None:
        return replace(before, fastest=fastest, allowed=allowed)
    return replace(
        before,
        rounds=before.rounds + 1,
        total=before.total + fastest,
        lowest=min(before.lowest, fastest),
        fastest=None,
        allowed=allowed,
    )


def said(before: Sum, bits: int | None) -> Sum:
    """With what the firmware said; None: it could not be read."""
    if bits is None:
        return before
    held = bool(bits & HELD_BACK)
    onsets = before.onsets + (held and not before.held)
    return replace(before, firmware=True, held=held, onsets=onsets)


def summary(
    whole: Sum, seconds: float, before: Mapping[str, int], after: Mapping[str, int]
) -> Summary | None:
    """Of a minute that is over; None: nothing is known. The counts: by file, at begin and end."""
    grown = [after[name] - before[name] for name in before.keys() & after.keys()]
    known = [max(0, *grown)] if grown else []
    known += [whole.onsets] if whole.firmware else []
    if not known and whole.allowed is None and not whole.rounds:
        return None
    return Summary(
        seconds,
        whole.total / whole.rounds if whole.rounds else None,
        whole.lowest if whole.rounds else None,
        whole.allowed,
        max(known) if known else None,
    )


def _lower(a: float | None, b: float | None) -> float | None:
    return min((v for v in (a, b) if v is not None), default=None)
