"""How long a container burns CPU after each start, learnt from its own starts. Pure.

A program that compiles, loads and fills its caches needs more in its first minutes than ever after.
A size that was made for these minutes is too large, and each change of it brings another start. So
what is learnt is left out of the minutes, as the first minute always is.

| one start, as its minutes show it                    | was                                      |
| ---------------------------------------------------- | ---------------------------------------- |
| the first below 40 % of the base, and not throttled  | calm                                     |
| in most periods                                      |                                          |
| burning, then below half of its highest minute for   | a start-up, as long as it burned         |
| two minutes, within ten minutes of the start         |                                          |
| burning until it ended: killed, or replaced          | cut short                                |
| burning for more than ten minutes                    | load, which says nothing                 |
| not seen from its first minute on                    | likewise                                 |

| that makes of what was learnt before                 |                                          |
| ---------------------------------------------------- | ---------------------------------------- |
| a start-up, longer than that or shorter than half    | one more start, with its own time        |
| any other start-up, or one that was cut short        | one more start                           |
| calm                                                 | one start less; with none left, nothing  |

Known is what two starts have shown, one of them to its end. The same work takes longer with less
CPU, so the time is longer for a smaller base, in proportion; it never exceeds ten minutes.
"""

from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from scaler.policies.quiet import throttled
from scaler.usage.window import LONGEST, SECONDS, Minute, NoMinute
from store.reasons import Reason
from store.records import StartUp

KNOWN = 2
"""Starts that have to show it: one may have met load by chance."""
MOST = 600.0
"""Seconds that a start-up takes at most: what burns for longer is load."""
_BURNS = 0.4
"""Share of the base from which a start matters: what stays below is quiet in any case."""
_FAR = 0.5
_SETTLED = 120.0
_WHOLE = 30.0  # seconds and millicores are rounded up to that, so that little is written
_SLACK = 30.0  # seconds: readings are that old, and cycles that far apart


class Run(Struct, frozen=True, gc=False, array_like=True):
    """One container since its start, `started`. `base`: millicores of its limit or request.

    `highest`: of its minutes, in millicores. `until`: seconds from its start to the end of the last
    minute that was far above what it settles to. `open`: whether more of it has to be seen. `calm`:
    it did not burn at all.
    """

    started: float
    base: float
    highest: float = 0.0
    until: float = 0.0
    open: bool = True
    calm: bool = False

    @property
    def burning(self) -> bool:
        """Whether it has burned since its start, as far as it was seen."""
        return self.until > 0


class Learnt(Struct, frozen=True, gc=False, array_like=True):
    """What the starts of a container have shown; `seconds` 0: none has been seen to its end."""

    starts: int
    seconds: int = 0
    cpu: int = 0
    """Millicores that it burned."""


def followed(run: Run, minute: Minute | NoMinute) -> Run:
    """The run after one more look; what is no longer `open` stays as it is. The first table."""
    if not run.open or not isinstance(minute, Minute):
        return run
    age = minute.received - run.started
    if not run.until:
        if age > SECONDS + LONGEST + _SLACK:
            return replace(run, open=False)
        if minute.mean < _BURNS * run.base and not throttled(minute):
            return replace(run, open=False, calm=True)
    highest = max(run.highest, minute.mean)
    if minute.mean >= _FAR * highest:
        return replace(run, highest=highest, until=age, open=age <= MOST)
    return replace(run, open=age - run.until < _SETTLED)


def after(learnt: Learnt | None, run: Run, *, over: bool) -> Learnt | None:
    """What is learnt with one start more, that is no longer open, or is `over`. Second table."""
    if run.open:
        return _once_more(learnt, 0, 0) if run.burning and over else learnt
    if run.calm:
        return _once_less(learnt)
    if not 0 < run.until <= MOST:
        return learnt
    expected = wait(learnt, run.base)
    if expected / 2 <= run.until <= expected:
        return _once_more(learnt, 0, 0)
    return _once_more(learnt, _rounded(run.until), _rounded(run.highest))


def wait(learnt: Learnt | StartUp | None, base: float) -> float:
    """Seconds of a start that say nothing about a size with this base; 0: nothing is learnt."""
    if learnt is None or not learnt.seconds:
        return 0.0
    slower = max(1.0, learnt.cpu / base) if base else 1.0
    return min(MOST, learnt.seconds * slower)


def settled(minute: Minute | NoMinute, began: float, seconds: float) -> Minute | NoMinute:
    """The minute of a container, unless it is in its start-up, the `seconds` after it `began`.

    What is known of its throttling stays known: a container may be killed for want of CPU.
    """
    if not isinstance(minute, Minute):
        return minute
    age = minute.received - began
    if age - minute.seconds >= seconds:
        return minute
    why = f"the container runs for {max(0.0, age):.0f} s, and its last start-ups took"
    message = f"{why} {seconds:.0f} s: they are left out"
    return NoMinute(Reason.WARMING_UP, message, minute.throttled)


def record(name: str, learnt: Learnt) -> StartUp | None:
    """What the status says of it; None: too little is known."""
    if learnt.starts < KNOWN or not learnt.seconds:
        return None
    return StartUp(name, learnt.seconds, learnt.cpu)


def recalled(stored: StartUp) -> Learnt:
    """What a new process begins with."""
    return Learnt(KNOWN, stored.seconds, stored.cpu)


def _once_more(learnt: Learnt | None, seconds: int, cpu: int) -> Learnt:
    before = learnt or Learnt(0)
    starts = min(KNOWN, before.starts + 1)
    return Learnt(starts, seconds or before.seconds, cpu or before.cpu)


def _once_less(learnt: Learnt | None) -> Learnt | None:
    if learnt is None or learnt.starts <= 1:
        return None
    return replace(learnt, starts=learnt.starts - 1)


def _rounded(value: float) -> int:
    return int(ceil(value / _WHOLE) * _WHOLE)
