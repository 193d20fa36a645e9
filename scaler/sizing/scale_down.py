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

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kube import objects, pods
from kube.quantity import format_cpu
from scaler.cluster import modes, pod_sizes
from scaler.model import Decision, Stretch, Stretches
from scaler.policies import halve, quiet, step
from scaler.policies.halve import Resting
from scaler.policies.quiet import PodMinute
from scaler.sizing import vetting
from scaler.sizing.evidence import Watched
from scaler.sizing.stored_size import SizingCase
from scaler.sizing.vetting import Ceiling, Refusal
from store import amounts
from store.model import Quiet, Size, Sizes
from store.reasons import Reason


@dataclass(frozen=True)
class Rested:
    """The decisions with what quiet has earned, and how long each container has been quiet."""

    decisions: tuple[Decision, ...]
    stretches: Stretches
    kept: tuple[Quiet, ...]
    """What the store should say."""


def rested(
    case: SizingCase,
    sizes: Sizes,
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
        decision = fitted(rest, wanted, sizes, ceiling)
        out.append(decision)
        sizes = {**sizes, name: decision.target} if decision.target else sizes
    return Rested(tuple(out), stretches, tuple(q for q in kept if q))


def _stretch(
    case: SizingCase, rest: Resting, stored: Quiet | None, watched: Watched
) -> Stretch | None:
    patience, now, level = watched.patience, watched.now, rest.level(watched.patience.share)
    heard = [
        PodMinute(watched.minute_of(pod, rest.name), _young(pod, rest.name, now))
        for pod in pods.staying(case.view.pods)
        if rest.name in pod_sizes.sizes_of(pod)
    ]
    before = watched.stretches.get(rest.name)
    after = quiet.followed(before, heard, level, now)
    return after or quiet.taken_up(stored, patience, heard, level, now)


def _young(pod: objects.Pod, name: str, now: float) -> bool:
    began = pods.started(pod, name)
    return began is None or now - began < quiet.YOUNG


def fitted(rest: Resting, wanted: Decision, sizes: Sizes, ceiling: Ceiling) -> Decision:
    """The same, made as small as is allowed; `sizes`: all containers as they will be otherwise."""
    values = rest.steps
    if wanted.target is None or values is None:
        return wanted
    stops: dict[int, Refusal | None] = {}

    def allowed(negative: int) -> bool:
        value = -negative
        made = rest.at(value)
        stops[value] = _failed(rest, made) or vetting.impossible(
            rest.name, made, rest.policy, sizes, ceiling
        )
        return stops[value] is None

    found = step.largest(-values[1], -values[0], allowed)
    stop = stops[values[0]]
    if found is None:
        why = f"; {stop.message}" if stop else ""
        return replace(wanted, target=None, reason=Reason.AT_MINIMUM, message=wanted.message + why)
    if stop is None:
        return wanted
    told = f"{format_cpu(-found)} instead of {format_cpu(values[0])}: {stop.message}"
    return replace(wanted, target=rest.at(-found), message=f"{wanted.message}; {told}")


def _failed(rest: Resting, made: Size) -> Refusal | None:
    base = amounts.base_of(made, "cpu")
    if base is None or base.value > rest.failed:
        return None
    return Refusal(Reason.AT_MINIMUM, f"{format_cpu(rest.failed)} was taken back")
