"""Nothing restarts for a burst: it reaches running pods in place, or waits. Pure.

| a pod whose size's newest change raised the CPU of a container | instead of its replacement |
| with `podtailor.io/burst: "on"`                                |                            |
| -------------------------------------------------------------- | -------------------------- |
| less than two minutes ago, and cannot have it in place         | it waits: `NoNodeFits`     |
| the same, but it crash-loops, or is down for want of memory    | it is replaced, as ever    |
| longer ago: its minute has been seen since                     | it is replaced, as ever    |
"""

from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import Settings
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.resizing.resize_case import Step, Way
from store import amounts
from store.model import Status
from store.reasons import Reason

SECONDS = 120.0


def holds(status: Status, settings: Settings, now: float) -> bool:
    """Whether the newest change may be for a burst, and is that young."""
    newest = status.changes[0] if status.changes else None
    if newest is None or newest.resource != "cpu" or not newest.before or not newest.after:
        return False
    if not settings.container(newest.container).burst:
        return False
    at, parse = timestamps.seconds(newest.at), amounts.RESOURCES["cpu"].parse
    return at is not None and now - at < SECONDS and parse(newest.after) > parse(newest.before)


def young(view: View, now: float) -> bool:
    """The same of a workload; not while its annotations are malformed."""
    settings = view.settings
    return isinstance(settings, Settings) and holds(view.status, settings, now)


def guarded(step: Step) -> Step:
    """What is done about a pod while the guard holds."""
    if step.way is not Way.REPLACE:
        return step
    why = f"{step.why}; nothing is replaced for a burst"
    return replace(step, way=Way.BLOCKED, why=why, reason=Reason.NO_NODE_FITS)


def restarting(state: PodState) -> str | None:
    """Which container a change of its CPU would restart; None: none."""
    for c in (*state.pod.spec.containers, *(state.pod.spec.init_containers or ())):
        for policy in c.resize_policy or ():
            if policy.resource_name == "cpu" and policy.restart_policy == "RestartContainer":
                return f"{c.name}'s resizePolicy restarts it for cpu"
    return None
