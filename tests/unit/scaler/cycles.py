"""One cycle of one workload: its usage, what stands above it, its verdict, what comes of that."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kube import objects, timestamps
from scaler.annotations.options import Bounds
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.view import View
from scaler.model import Evict, Plan, Write
from scaler.planning.context import Context
from scaler.planning.plan import plan
from scaler.replacement.candidate import RestartLimits
from scaler.sizing.vetting import Ceiling
from scaler.usage.window import Minute, NoMinute
from store.reasons import Reason
from tests.unit.scaler.builders import LONG_AGO, MI, NOW, injected, podsize

MinuteOf = Callable[[objects.Pod, str], Minute | NoMinute]


def using(**means: float | Reason) -> MinuteOf:
    """Each container's one-minute mean in millicores, the same in every pod, or why there is none.

    `nginx__web_1=480` is meant for one pod.
    """

    def minute_of(p: objects.Pod, container: str) -> Minute | NoMinute:
        one = f"{container}__{p.metadata.name.replace('-', '_')}"
        told = means.get(one, means.get(container, 10.0))
        if isinstance(told, Reason):
            return NoMinute(told, f"told {told}")
        return Minute(told, 60.0, 50 * MI, NOW)

    return minute_of


def ceiling(**more: Any) -> Ceiling:
    """Nothing above the sizes but what is given."""
    return Ceiling(
        more.pop("ranges", ()), more.pop("fits", lambda sizes: None), more.pop("maxima", Bounds())
    )


def context(
    minute_of: MinuteOf | None = None,
    *,
    now: float = NOW,
    obstacle: str | None = None,
    **more: Any,
) -> Context:
    """A cycle in which nothing is in the way but what is given."""
    limits = more.pop("limits", RestartLimits())
    told = minute_of or using()
    return Context(now, told, lambda pods, sizes: obstacle, limits=limits, **more)


def planned(seen: View, cycle: Context | None = None) -> Plan:
    """The verdict, which there is."""
    verdict = plan(seen, cycle or context())
    assert verdict is not None
    return verdict


def carried_out(seen: View, verdict: Plan, now: float = NOW) -> View:
    """The workload after the action: written, and the taken pod replaced by a Ready one."""
    action = verdict.action
    if not isinstance(action, Write | Evict):
        return seen
    assert seen.podsize is not None
    written = replace(
        seen.podsize,
        status=podsize(action.status).status,
        resource_version=str(int(seen.podsize.resource_version) + 1),
    )
    pods = seen.pods
    if isinstance(action, Evict):
        taken = next(p for p in pods if p.metadata.uid == action.uid)
        others = tuple(p for p in pods if p is not taken)
        name = f"{taken.metadata.name}x"
        new = injected(
            name, action.size, came_with(taken), created=timestamps.text(now), since=LONG_AGO
        )
        pods = (*others, new)
    return replace(seen, podsize=written, pods=pods)
