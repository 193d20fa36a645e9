"""Samples the containers that count, and says what is to be reported of them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from agent import minutes, pinned, tree
from agent.container import Files
from agent.counters import Counters
from agent.minutes import Sum
from agent.pinned import Event, Streak
from agent.sysfs import Clocks
from agent.tree import Mount
from link.messages import Count, FromAgent, Killed, Minute, NodeMinute, Pinned

LOOK = 1.0
"""Seconds between two looks for containers that count and have not been found."""
PATIENT = 30.0
"""Seconds after which one that was not found is looked for only each PATIENT seconds."""


@dataclass(slots=True)
class _Watched:
    """One container, as of the last sample."""

    files: Files
    counters: Counters | None = None
    at: float = 0.0
    streak: Streak = pinned.NONE
    minute: Sum = Sum()  # noqa: RUF009 (frozen)
    kills: int | None = None


@dataclass
class Sampler:
    """`needed`: pinned samples in a row that are an event. `clock`: seconds that never go back."""

    mount: Mount
    needed: int
    clock: Callable[[], float]
    clocks: Clocks = field(default_factory=Clocks)
    _wanted: dict[str, str] = field(default_factory=dict)
    _known: dict[str, _Watched] = field(default_factory=dict)
    _looked: float = float("-inf")
    _asked: float = float("-inf")
    _slow: float = float("-inf")

    def count(self, which: Count) -> None:
        """These are the containers that count from now on."""
        self._wanted = {c.id: c.pod for c in which.containers}
        self._asked, self._looked = self.clock(), float("-inf")
        for name in [n for n in self._known if n not in self._wanted]:
            self._known.pop(name).files.close()
        if not self._wanted:
            self.clocks.forget()

    @property
    def sampled(self) -> int:
        """How many containers are sampled."""
        return len(self._known)

    @property
    def near(self) -> bool:
        """Whether a container is one sample away from being reported."""
        return any(pinned.near(one.streak, self.needed) for one in self._known.values())

    def sample(self) -> list[FromAgent]:
        """One sample of each, and what is to be reported."""
        now = self.clock()
        self._look(now)
        slow = now - self._slow >= LOOK
        self._slow = now if slow else self._slow
        out: list[FromAgent] = []
        for name, one in [*self._known.items()]:
            try:
                out += self._sampled(name, one, slow=slow)
            except OSError:  # it has ended; one of that name that comes again is found again
                self._known.pop(name).files.close()
        if self._wanted:
            out += self._node(now)
        return out

    def look(self) -> list[FromAgent]:
        """What is to be reported before the next sample, of containers that are near."""
        out: list[FromAgent] = []
        for name, one in self._known.items():
            if one.counters is None or not pinned.near(one.streak, self.needed):
                continue
            with suppress(OSError):  # it has ended, as the next sample finds
                if now := one.files.counters():
                    begun = pinned.between(one.counters, now, self.clock() - one.at)
                    one.streak, event = pinned.concluded(one.streak, begun)
                    out += [_pinned(name, event)] if event else []
        return out

    def _node(self, now: float) -> Iterator[FromAgent]:
        if found := self.clocks.sample(now):
            known = found.clock, found.lowest, found.allowed, found.throttles
            yield NodeMinute(found.seconds, *known)

    def _look(self, now: float) -> None:
        missing = self._wanted.keys() - self._known.keys()
        pause = LOOK if now - self._asked < PATIENT else PATIENT
        if not missing or now - self._looked < pause:
            return
        self._looked = now
        for name, path in tree.found(self.mount, {n: self._wanted[n] for n in missing}).items():
            try:
                self._known[name] = _Watched(Files(self.mount, path))
            except OSError:
                continue

    def _sampled(self, name: str, one: _Watched, *, slow: bool) -> Iterator[FromAgent]:
        before, since = one.counters, one.at
        one.counters, one.at = one.files.counters(whole=slow), self.clock()
        sample = None
        if before is not None and one.counters is not None:
            sample = pinned.between(before, one.counters, one.at - since)
        one.streak, event = pinned.followed(one.streak, sample, self.needed)
        if event:
            yield _pinned(name, event)
        if sample:
            if not one.minute.seconds:
                one.minute = Sum(waited=one.files.waited())
            one.minute = minutes.added(one.minute, sample)
        if slow:
            yield from self._slow_reports(name, one)

    def _slow_reports(self, name: str, one: _Watched) -> Iterator[FromAgent]:
        kills, one.kills = one.kills, one.files.kills()
        if kills is not None and one.kills is not None and one.kills > kills:
            yield Killed(name, one.kills - kills)
        if one.minute.seconds < minutes.SECONDS:
            return
        found = minutes.summary(one.minute, one.files.waited())
        one.minute = Sum()
        if found:
            yield Minute(name, found.seconds, found.mean, found.peak, found.throttled, found.waited)


def _pinned(name: str, event: Event) -> Pinned:
    return Pinned(name, event.seconds, event.used, event.quota, event.throttled)
