"""What a container used in its last days, in a few kilobytes: minutes in, percentiles out. Pure.

The window holds the newest minutes that are *known*, eight days of them by default: counts of CPU
means in buckets that are 5 % wide, and the peaks of memory. It is made of slots; the oldest goes as
a new one begins. A minute that nobody measured is not in it, so that it never counts as zero, and
an outage or a clock that jumps neither fills nor empties the window.

| a minute                                             | the window                           |
| ---------------------------------------------------- | ------------------------------------ |
| less than a minute after the newest one in it        | stays: the two cover the same time   |
| any other                                            | grows by it                          |
| more than the window holds                           | loses the oldest slot                |

All values are frozen and made of numbers alone: whoever wants to keep a window over a restart
writes `slots` down, and reads them again.
"""

from collections.abc import Iterator, Sequence
from math import ceil, log

from msgspec import Struct, structs

MINUTE = 60.0
SLOTS = 96
"""Parts of a window: with eight days, one is two hours long."""
RECENT = 30
"""Newest minutes that are kept one by one."""

_GROWTH = 1.05
_LOG = log(_GROWTH)
_JITTER = 2.0  # seconds: readings are not taken on the second


class Used(Struct, frozen=True, gc=False):
    """One minute of the replica that used most; memory in bytes, `needed` None: not known."""

    cpu: float
    """Millicores, mean."""
    memory: int
    """The working set: what is needed, and the page cache that was used lately."""
    needed: int | None = None
    """What cannot be reclaimed, at most."""


class Slot(Struct, frozen=True, gc=False):
    """Some minutes in a row: how many fell into each bucket of CPU, and the peaks of memory."""

    cpu: dict[int, int]
    minutes: int
    memory: int
    needed: int | None


class LongWindow(Struct, frozen=True, gc=False):
    """The newest minutes; `at`: when the newest was added, in seconds since the epoch."""

    at: float
    per_slot: int
    """Minutes that make a slot."""
    slots: tuple[Slot, ...]
    """Oldest first; the last one is still filled."""
    sums: dict[int, int]
    """The buckets of all slots but the last."""
    minutes: int
    recent: tuple[tuple[float, float], ...] = ()
    """When the newest minutes ended, and their CPU means: newest last."""

    @property
    def seconds(self) -> float:
        """How much of the usage is known."""
        return self.minutes * MINUTE

    def percentiles(self, *shares: float) -> list[float]:
        """CPU means, in millicores, that these shares of the minutes do not exceed; falling."""
        counts = _descending(self.sums, self.slots[-1].cpu)
        left, found = iter(sorted(shares, reverse=True)), []
        share, above = next(left), 0
        for bucket, count in counts:
            while above + count > (1.0 - share) * self.minutes:
                found.append(_inside(bucket, ((1.0 - share) * self.minutes - above) / count))
                if len(found) == len(shares):
                    return found
                share = next(left)
            above += count
        return found + [0.0] * (len(shares) - len(found))

    @property
    def surpassed(self) -> float:
        """Millicores that some minute exceeded for certain."""
        top = max(max(self.sums, default=0), max(self.slots[-1].cpu, default=0))
        return float(_GROWTH ** (top - 1)) if top else 0.0

    @property
    def memory(self) -> int:
        """The largest working set."""
        return max(s.memory for s in self.slots)

    @property
    def needed(self) -> int | None:
        """The most memory that could not be reclaimed; None: it is not known of any minute."""
        return max((s.needed for s in self.slots if s.needed is not None), default=None)


def added(window: LongWindow | None, used: Used, now: float, seconds: float) -> LongWindow:
    """The window with one more minute; `seconds`: what it may hold. See the table."""
    if window is None:
        per_slot = max(1, ceil(seconds / MINUTE / SLOTS))
        one = Slot({_bucket(used.cpu): 1}, 1, used.memory, used.needed)
        return LongWindow(now, per_slot, (one,), {}, 1, ((now, used.cpu),))
    if abs(now - window.at) < MINUTE - _JITTER:
        return window
    recent = (*window.recent[-RECENT + 1 :], (now, used.cpu))
    last = window.slots[-1]
    if last.minutes < window.per_slot:
        slots = (*window.slots[:-1], _more(last, used))
        return structs.replace(
            window, at=now, slots=slots, minutes=window.minutes + 1, recent=recent
        )
    return _begun(structs.replace(window, at=now, recent=recent), used, seconds)


def due(window: LongWindow | None, now: float) -> bool:
    """Whether another minute would be added."""
    return window is None or abs(now - window.at) >= MINUTE - _JITTER


def _begun(window: LongWindow, used: Used, seconds: float) -> LongWindow:
    """With a new slot, and without what is too old."""
    most = max(1, ceil(seconds / MINUTE / window.per_slot))
    kept = window.slots[-most + 1 :] if most > 1 else ()
    sums: dict[int, int] = {}
    for slot in kept:
        for bucket, count in slot.cpu.items():
            sums[bucket] = sums.get(bucket, 0) + count
    one = Slot({_bucket(used.cpu): 1}, 1, used.memory, used.needed)
    minutes = sum(s.minutes for s in kept) + 1
    return structs.replace(window, slots=(*kept, one), sums=sums, minutes=minutes)


def _more(slot: Slot, used: Used) -> Slot:
    cpu, bucket = dict(slot.cpu), _bucket(used.cpu)
    cpu[bucket] = cpu.get(bucket, 0) + 1
    needed = [n for n in (slot.needed, used.needed) if n is not None]
    return Slot(cpu, slot.minutes + 1, max(slot.memory, used.memory), max(needed, default=None))


def _bucket(value: float) -> int:
    return 0 if value < 1.0 else 1 + int(log(value) / _LOG)


def _inside(bucket: int, share: float) -> float:
    """The value so far below the upper end of a bucket."""
    return float(_GROWTH ** (bucket - share))


def _descending(*parts: dict[int, int]) -> Iterator[tuple[int, int]]:
    sums, last = parts
    for bucket in sorted({*sums, *last}, reverse=True):
        yield bucket, sums.get(bucket, 0) + last.get(bucket, 0)


def streak(recent: Sequence[tuple[float, float]], level: float, now: float) -> int:
    """How many minutes in a row, up to now, reached a level; a gap ends them."""
    count, before = 0, now
    for at, mean in reversed(recent):
        if mean < level or before - at > 2 * MINUTE:
            break
        count, before = count + 1, at
    return count
