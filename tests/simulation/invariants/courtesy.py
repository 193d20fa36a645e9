"""What the authors of workloads ask of whoever replaces pods, and what changes must not do."""

from kube import timestamps
from store.reasons import Reason
from tests.simulation import facts, habits
from tests.simulation.invariants import pins
from tests.simulation.invariants.about import Patched, Taking, Writing
from tests.simulation.invariants.registry import (
    when_deleting,
    when_patched,
    when_taking,
    when_writing,
)
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available
from tests.simulation.quantities import amount

_ROUNDING = 1.0
_COOLDOWN = 120.0
_BY_POLICY = (Reason.DOUBLED, Reason.HALVED)


@when_taking("no healthy pod is replaced that its author, or another tool, protects")
def protected_pods_stay(t: Taking) -> str | None:
    if t.in_need or t.world.perturbed & CLOCK_STEPS:
        return None
    why = habits.protected(t.seen, t.known, t.world.timeline.now + _ROUNDING)
    return f"{t.name}: {why}" if why else None


@when_taking("no pod is replaced before the last replacement has been Ready for minReadySeconds")
def proven_for_long_enough(t: Taking) -> str | None:
    return None if t.in_need or t.down else _too_young(t)


@when_deleting("no held pod is deleted before the others have been Ready for minReadySeconds")
def deleted_after_long_enough(t: Taking) -> str | None:
    asked = facts.annotation(t.known, "disruption") == "delete"
    return None if asked or t.down else _too_young(t)


def _too_young(t: Taking) -> str | None:
    """Another pod of the workload that has our size, and is not available yet."""
    seconds = int(t.known["spec"].get("minReadySeconds") or 0)
    if not seconds or t.world.perturbed & CLOCK_STEPS:
        return None
    now = t.world.timeline.now + _ROUNDING
    for pod in t.pods:
        name = pod["metadata"]["name"]
        if name == t.name or not available(pod) or facts.sizes_of(pod) == facts.came_with(pod):
            continue
        since = facts.ready_since(pod)
        if since is not None and now - since < seconds:
            return f"{t.name} while {name} has been Ready for {now - since:.0f} of {seconds} s"
    return None


@when_writing(
    "a policy changes nothing within two minutes of a workload's last change, but for a burst"
)
def cooled_down(w: Writing) -> str | None:
    lines = w.old.status.changes
    relearnt = w.new.status.message == "the basis was learnt again from the pods"
    if not lines or relearnt or w.world.perturbed & CLOCK_STEPS or pins.for_a_burst(w):
        return None
    for line in (c for reason in _BY_POLICY for c in w.fresh(reason)):
        last = next((c for c in lines if c.node_class == line.node_class), None)
        killed = any(c.node_class == line.node_class for c in w.fresh(Reason.OOM_KILLED))
        if last is None or killed:  # a kill is answered at once, with all else that is due
            continue
        passed = (timestamps.seconds(line.at) or 0.0) - (timestamps.seconds(last.at) or 0.0)
        if 0 <= passed < _COOLDOWN - _ROUNDING:
            return f"{line.container} {line.reason} {passed:.0f} s after {last.reason}"
    return None


@when_writing("a change is dated no earlier than the call before the one that writes it")
def dated_as_written(w: Writing) -> str | None:
    before = w.memory.before_write
    if before is None or w.world.perturbed & CLOCK_STEPS:
        return None
    known = w.old.status.changes
    for line in (c for c in w.new.status.changes if c not in known):
        at = timestamps.seconds(line.at) or 0.0
        if before - at > 2 * _ROUNDING:
            return f"{line.at} is {before - at:.1f} s before the call before"
    return None


@when_patched("no pod is given a request above its limit")
def requests_within_limits(p: Patched) -> str | None:
    came = {c["name"]: c.get("resources") for c in p.came["spec"]["containers"]}
    for container in p.made["spec"]["containers"]:
        resources = container.get("resources") or {}
        if resources == came[container["name"]]:
            continue  # by a LimitRange's default, which is not ours
        limits = resources.get("limits") or {}
        for resource, request in (resources.get("requests") or {}).items():
            limit = limits.get(resource)
            if limit is not None and amount(resource, request) > amount(resource, limit):
                return f"{container['name']}: {resource} {request} above {limit}"
    return None
