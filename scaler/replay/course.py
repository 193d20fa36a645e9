"""One container's usage, minute by minute, through a policy: the sizes that come of it. Pure.

The policy is asked as in a live cycle (scaler/sizing): the same functions, the same values, with a
cycle each minute and a replacement that takes no time. The container runs when the trace begins; of
one that starts, the first minute is left out, as live. What a container gets is cut at its limit:
what it wanted beyond is lost, and the policy does not see it. Wanting more memory than its limit
kills it, once a minute at most.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import Bounds, ContainerPolicy
from scaler.model import Decision, Stretch
from scaler.policies import table
from scaler.policies.policy import (
    Container,
    Horizon,
    Kill,
    Patience,
    PodMinute,
    Policy,
    Usage,
)
from scaler.replay.trace import MINUTE, Trace
from scaler.sizing import cooldown, scale_down, vetting
from scaler.sizing.scale_down import Asked
from scaler.sizing.vetting import Ceiling
from scaler.usage import long_window
from scaler.usage.long_window import LongWindow, Used
from scaler.usage.window import Minute, NoMinute
from store import amounts
from store.model import Resources, Size
from store.reasons import Reason
from store.records import Change, Quiet

NAME = "container"
ANYTHING = Ceiling((), lambda sizes: None, Bounds())
"""Every size fits: a replay knows of no nodes, quotas and LimitRanges."""

_KEPT = 20  # changes, as in a status
_UNKNOWN = NoMinute(Reason.NO_USAGE, "the trace has a gap")
_STARTED = NoMinute(Reason.WARMING_UP, "the container has just started")


class Sized(Struct, frozen=True):
    """A size; `minute`: the first one of the trace that has it."""

    minute: int
    size: Size
    reason: Reason | None = None


class Question(Struct, frozen=True):
    """What is replayed: the manifest's size, what the user asks for, and the policies' settings."""

    size: Size
    options: ContainerPolicy
    patience: Patience = Patience()
    horizon: Horizon = Horizon()


@dataclass
class Course:
    """One container under one policy. `now`: seconds, at the end of the last minute."""

    asked: Question
    now: float
    size: Size
    started: float
    changes: tuple[Change, ...] = ()
    long: LongWindow | None = None
    stretch: Stretch | None = None
    stored: Quiet | None = None
    kills: tuple[Kill, ...] = ()
    reason: Reason | None = None
    _containers: dict[str, Container] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """The policy that decides."""
        return table.POLICIES[self.asked.options.policy]

    def lived(self, cpu: float | None, memory: float | None) -> bool:
        """One more minute, in which it wanted that; whether it gets another size."""
        self.now += MINUTE
        limit = self.size.limits.memory
        if memory is not None and limit is not None and memory > limit:
            self.kills = (Kill(self.now, limit),)
            self.started = self.now
        minute = self._minute(cpu, memory)
        if self.policy.remembers and isinstance(minute, Minute):
            used = Used(minute.mean, minute.memory, minute.needed_peak)
            window = self.asked.horizon.window
            self.long = long_window.added(self.long, used, self.now, window)
        return self._decided(minute)

    def _minute(self, cpu: float | None, memory: float | None) -> Minute | NoMinute:
        if cpu is None:
            return _UNKNOWN
        if self.now - self.started < 2 * MINUTE:
            return _STARTED
        limit = self.size.limits.cpu
        mean = cpu if limit is None or cpu < limit else float(limit)
        held = None if memory is None else int(memory)
        return Minute(mean, MINUTE, held or 0, self.now, needed=held, needed_peak=held)

    def _decided(self, minute: Minute | NoMinute) -> bool:
        usage = Usage(
            now=self.now,
            minutes=(minute,),
            pods=(PodMinute(minute, minute is _STARTED),),
            kills=self.kills,
            stretch=self.stretch,
            stored=self.stored,
            changes=self.changes,
            patience=self.asked.patience,
            long=self.long,
            horizon=self.asked.horizon,
        )
        ups, sizes = [], {NAME: self.size}
        for resource in self._governed():
            container = self._container(resource, sizes[NAME])
            up = vetting.fitted(container, self.policy.up(container, usage), sizes, ANYTHING)
            ups.append(up)
            sizes = {NAME: up.target} if up.target else sizes
        decisions = self._lowered(ups, usage)
        due = [d for d in decisions if d.target]
        if not due or cooldown.recent(due, self.changes, self.now) is not None:
            return False
        self._resize(due[-1].target or self.size, decisions)
        return True

    def _lowered(self, ups: Sequence[Decision], usage: Usage) -> list[Decision]:
        grows = any(d.target for d in ups)
        out, sizes = [], {NAME: self.size}
        for calm in ups:
            container = self._container(calm.resource, sizes[NAME])
            about = Asked(self.policy, container, usage)
            decision, down = scale_down.asked(about, calm, sizes, ANYTHING, grows=grows)
            if calm.resource == "cpu":
                self.stretch, self.stored = down.stretch, down.keep
            out.append(decision)
            sizes = {NAME: decision.target} if decision.target else sizes
        return out

    def _governed(self) -> Iterator[str]:
        decided = self.asked.options.resources & self.policy.resources
        for resource in amounts.RESOURCES:  # in the order of a live cycle
            if resource in decided and amounts.base_of(self.size, resource) is not None:
                yield resource

    def _container(self, resource: str, size: Size) -> Container:
        known = self._containers.get(resource)
        if known is None or known.size is not size:
            options = self.asked.options
            known = Container(NAME, resource, size, self.asked.size, options)
            self._containers[resource] = known
        return known

    def _resize(self, size: Size, decisions: Sequence[Decision]) -> None:
        at = timestamps.text(self.now)
        for d in decisions:
            if d.target is None or amounts.same(self.size, size, d.resource):
                continue
            was, is_ = (amounts.text(s, d.resource) for s in (self.size, size))
            one = Change(at, len(self.changes) + 1, NAME, d.resource, was, is_, d.reason)
            self.changes = (one, *self.changes[: _KEPT - 1])
            self.reason = d.reason
        self.size, self.started, self.kills = size, self.now, ()


def replay(
    trace: Trace, asked: Question, progress: Callable[[int], None] = lambda minute: None
) -> list[Sized]:
    """The sizes that a container would have had, the manifest's first.

    `progress` is called with the number of minutes that are done, every 10,000.
    """
    size = asked.size
    if trace.memory is None:  # nothing is known of it, so nothing is decided
        size = Size(Resources(size.requests.cpu), Resources(size.limits.cpu))
    course = Course(replace(asked, size=size), trace.start, size, trace.start - MINUTE)
    sizes = [Sized(0, size)]
    memory = trace.memory or (None,) * len(trace.cpu)
    for minute, (cpu, held) in enumerate(zip(trace.cpu, memory, strict=True), 1):
        if course.lived(cpu, held):
            sizes.append(Sized(minute, course.size, course.reason))
        if minute % 10_000 == 0:
            progress(minute)
    return sizes
