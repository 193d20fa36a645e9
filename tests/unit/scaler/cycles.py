"""One cycle of one workload: its usage, the cycle context, the plan, and what comes of it."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import Bounds
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.view import View
from scaler.model import Evict, Plan, Write
from scaler.planning.context import Context
from scaler.planning.plan import plan
from scaler.replacement.prospects import RestartLimits
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
        mean = means.get(one, means.get(container, 10.0))
        if isinstance(mean, Reason):
            return NoMinute(mean, f"as given: {mean}")
        return Minute(mean, 60.0, 50 * MI, NOW)

    return minute_of


def ceiling(**more: Any) -> Ceiling:
    """No limits on sizes except those given."""
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
    """A cycle without obstacles except those given."""
    limits = more.pop("limits", RestartLimits())
    usage = minute_of or using()
    return Context(now, usage, lambda pods, sizes: obstacle, limits=limits, **more)


def planned(seen: View, cycle: Context | None = None) -> Plan:
    """The plan; fails where there is none."""
    found = plan(seen, cycle or context())
    assert found is not None
    return found


def carried_out(seen: View, plan_made: Plan, now: float = NOW) -> View:
    """The workload after the action: written, and the evicted pod replaced by a Ready one."""
    action = plan_made.action
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
