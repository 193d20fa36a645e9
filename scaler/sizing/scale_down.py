"""Which of a workload's containers are quiet, and which have earned to be smaller. Pure.

Asked after the policy's upward rule: in a cycle in which any container of the workload grows, none
shrinks. All pods are listened to, also those of another revision: one of them that needs more than
half would have to live with half.

| the container                                  | quiet is read | kept: quiet.py   |
| ---------------------------------------------- | ------------- | ---------------- |
| set by hand, or not governed by the policy     | no            | no               |
| `direction: up`                                | no            | no               |
| only observed, or at the floor already         | yes           | no               |
| otherwise                                      | yes           | yes              |
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kube import objects
from scaler.cluster import modes, pod_sizes
from scaler.model import Decision
from scaler.policies import halve, quiet
from scaler.policies.halve import Resting
from scaler.policies.quiet import Heard, Patience, Stretch, Stretches
from scaler.sizing.stored_size import Case
from scaler.sizing.vetting import Ceiling
from scaler.usage.window import Minute, NoMinute
from store.model import Quiet, Size

MinuteOf = Callable[[objects.Pod, str], Minute | NoMinute]


@dataclass(frozen=True)
class Watched:
    """What is known of a workload's usage; `now` in seconds since the epoch."""

    minute_of: MinuteOf
    now: float
    patience: Patience = Patience()  # noqa: RUF009 (frozen)
    stretches: Stretches = field(default_factory=dict)
    """As of the last look of this process, by container."""


@dataclass(frozen=True)
class Rested:
    """The decisions with what quiet has earned, and how long each container has been quiet."""

    decisions: tuple[Decision, ...]
    stretches: Stretches
    kept: tuple[Quiet, ...]
    """What the store should say."""


def once(watched: Watched) -> Watched:
    """The same, and each pod is asked once however often somebody wants to know."""
    known: dict[tuple[str, str], Minute | NoMinute] = {}

    def minute_of(pod: objects.Pod, container: str) -> Minute | NoMinute:
        key = (pod.metadata.uid, container)
        if key not in known:
            known[key] = watched.minute_of(pod, container)
        return known[key]

    return replace(watched, minute_of=minute_of)


def rested(
    case: Case,
    sizes: Mapping[str, Size],
    decisions: Sequence[Decision],
    watched: Watched,
    ceiling: Ceiling,
) -> Rested:
    """The table above; `sizes`: with what hands have set, before the policy."""
    status = case.view.podsize.status if case.view.podsize else None
    busy = any(d.target for d in decisions)
    changes = status.changes if status else ()
    busy = busy or halve.too_soon(changes, watched.patience, watched.now)
    out: list[Decision] = []
    stretches: dict[str, Stretch] = {}
    kept: list[Quiet | None] = []
    for calm in decisions:
        name, policy = calm.container, case.settings.container(calm.container)
        failed = halve.failed(changes, name)
        rest = Resting(name, sizes[name], case.known.sizes[name], policy, failed)
        stored = quiet.of(status.quiet if status else (), name)
        stretch = _stretch(case, rest, stored, watched) if rest.ours else None
        if stretch is not None:
            stretches[name] = stretch
        if rest.ours and rest.least is not None and modes.acts(case.settings, name):
            kept.append(quiet.kept(stored, name, stretch, watched.patience))
        wanted = halve.decided(rest, calm, None if busy else stretch, watched.patience)
        decision = halve.fitted(rest, wanted, sizes, ceiling)
        out.append(decision)
        sizes = {**sizes, name: decision.target} if decision.target else sizes
    return Rested(tuple(out), stretches, tuple(q for q in kept if q))


def _stretch(case: Case, rest: Resting, stored: Quiet | None, watched: Watched) -> Stretch | None:
    patience, now, level = watched.patience, watched.now, rest.level(watched.patience.share)
    heard = [
        Heard(watched.minute_of(pod, rest.name), _young(pod, rest.name, now))
        for pod in pod_sizes.staying(case.view.pods)
        if rest.name in pod_sizes.sizes_of(pod)
    ]
    before = watched.stretches.get(rest.name)
    after = quiet.followed(before, heard, level, now)
    return after or quiet.taken_up(stored, patience, heard, level, now)


def _young(pod: objects.Pod, name: str, now: float) -> bool:
    began = pod_sizes.started(pod, name)
    return began is None or now - began < quiet.YOUNG
