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

from collections.abc import Sequence
from math import ceil, log

from msgspec import Struct
from msgspec.structs import replace

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


class Slot(Struct, frozen=True, gc=False, array_like=True):
    """Some minutes in a row: how many fell into each bucket of CPU, and the peaks of memory."""

    cpu: dict[int, int]
    minutes: int
    memory: int
    needed: int | None


class LongWindow(Struct, frozen=True, dict=True, array_like=True):
    """The newest minutes; `at`: when the newest was added, in seconds since the epoch."""

    at: float
    per_slot: int
    """Minutes that make a slot."""
    slots: tuple[Slot, ...]
    """Oldest first; the last one is still filled."""
    sums: dict[int, int]
    """The buckets of all slots."""
    minutes: int
    recent: tuple[tuple[float, float], ...] = ()
    """When the newest minutes ended, and their CPU means: newest last."""

    @property
    def seconds(self) -> float:
        """How much of the usage is known."""
        return self.minutes * MINUTE

    def percentiles(self, *shares: float) -> list[float]:
        """CPU means, in millicores, that these shares of the minutes do not exceed; falling."""
        wanted = sorted(shares, reverse=True)
        found: list[float] = []
        above, most = 0, (1.0 - wanted[0]) * self.minutes
        for bucket in sorted(self.sums, reverse=True):
            count = self.sums[bucket]
            while above + count > most:
                found.append(float(_GROWTH ** (bucket - (most - above) / count)))
                if len(found) == len(wanted):
                    return found
                most = (1.0 - wanted[len(found)]) * self.minutes
            above += count
        return found + [0.0] * (len(wanted) - len(found))

    @property
    def surpassed(self) -> float:
        """Millicores that some minute exceeded for certain."""
        top = max(self.sums)
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
    bucket = _bucket(used.cpu)
    if window is None:
        per_slot = max(1, ceil(seconds / MINUTE / SLOTS))
        return LongWindow(now, per_slot, (_slot(bucket, used),), {bucket: 1}, 1, ((now, used.cpu),))
    if not due(window, now):
        return window
    slots, sums, minutes = window.slots, dict(window.sums), window.minutes + 1
    sums[bucket] = sums.get(bucket, 0) + 1
    last = slots[-1]
    if last.minutes < window.per_slot:
        slots = (*slots[:-1], _more(last, bucket, used))
    else:
        most = max(1, ceil(seconds / MINUTE / window.per_slot))
        gone = max(0, len(slots) + 1 - most)
        for old in slots[:gone]:
            minutes -= old.minutes
            _forget(sums, old)
        slots = (*slots[gone:], _slot(bucket, used))
    recent = (*window.recent[1 - RECENT :], (now, used.cpu))
    return LongWindow(now, window.per_slot, slots, sums, minutes, recent)


def held(window: LongWindow, memory: int, needed: int | None) -> LongWindow:
    """The window with what was held in a minute whose CPU is left out."""
    last = window.slots[-1]
    both = [n for n in (last.needed, needed) if n is not None]
    slot = Slot(last.cpu, last.minutes, max(last.memory, memory), max(both, default=None))
    return window if slot == last else replace(window, slots=(*window.slots[:-1], slot))


def due(window: LongWindow | None, now: float) -> bool:
    """Whether another minute would be added."""
    return window is None or abs(now - window.at) >= MINUTE - _JITTER


def _slot(bucket: int, used: Used) -> Slot:
    return Slot({bucket: 1}, 1, used.memory, used.needed)


def _more(slot: Slot, bucket: int, used: Used) -> Slot:
    cpu, needed = dict(slot.cpu), slot.needed
    cpu[bucket] = cpu.get(bucket, 0) + 1
    if needed is None or (used.needed is not None and used.needed > needed):
        needed = used.needed
    return Slot(cpu, slot.minutes + 1, max(slot.memory, used.memory), needed)


def _forget(sums: dict[int, int], slot: Slot) -> None:
    """Subtract a slot from a sum that is still being made."""
    for bucket, count in slot.cpu.items():
        sums[bucket] -= count
        if not sums[bucket]:
            del sums[bucket]


def _bucket(value: float) -> int:
    return 0 if value < 1.0 else 1 + int(log(value) / _LOG)


def streak(recent: Sequence[tuple[float, float]], level: float, now: float) -> int:
    """How many minutes in a row, up to now, reached a level; a gap ends them."""
    count, before = 0, now
    for at, mean in reversed(recent):
        if mean < level or before - at > 2 * MINUTE:
            break
        count, before = count + 1, at
    return count
