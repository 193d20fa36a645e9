"""What must hold of each resize in place, and of pods that are replaced though they could be."""

from kube import timestamps
from kube.errors import KubeError
from store.injection import inject
from store.model import Apply, Phase, Sizes, Status
from store.reasons import Reason
from tests.simulation import facts, kinds, strategy
from tests.simulation.etcd import Json
from tests.simulation.invariants.about import Cycle, Resizing, Taking
from tests.simulation.invariants.registry import each_cycle, when_resizing, when_taking
from tests.simulation.invariants.replacing import target
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available
from tests.simulation.quantities import RESOURCES, of_container
from tests.simulation.resizing import OURS, actual, asked_last, kept, resized, undone

_ROUNDING = 1.0
_KNOWN = 240.0
"""Seconds after which a container's last minute is known, to a process that runs as long."""
_UNREAD = {"node_down", "kubelet_clock_steps"}
"""After these it may not be."""
_REFUSING = {
    *("limit_range_appears", "limit_range_below_a_size", "quota_shrinks", "large_node_goes"),
}
"""After these a refusal may be remembered that nothing gives any more."""
_LATE = 120.0
"""Seconds beyond the deadline in which something else than waiting must have been decided."""


@when_resizing("no resize in place restarts a container")
def no_restart_by_a_resize(r: Resizing) -> str | None:
    had = actual(r.pod)
    for container in r.asked["spec"]["containers"]:
        for resource in RESOURCES:
            before = _pair({"resources": had[container["name"]]}, resource)
            changes = before != _pair(container, resource)
            if changes and strategy.restarts(container, resource):
                return f"{r.name}: {container['name']} is started again for its {resource}"
    return None


@when_resizing("no pod is resized that somebody else has resized since the size was stored")
def never_two_writers(r: Resizing) -> str | None:
    last, size = asked_last(r.pod), facts.size_of(r.podsize)
    if last and last["manager"] != OURS and last != asked_last(r.seen):
        return f"{r.name}: by {last['manager']}, since it was looked at"
    if last is None or size is None or r.podsize is None or r.world.perturbed & CLOCK_STEPS:
        return None
    if last["manager"] == OURS:
        return None
    at = timestamps.seconds(last["time"]) or 0.0
    written = r.memory.written.get((r.podsize.uid, size.revision))
    if written is None or at <= written + _ROUNDING:
        return None
    return f"{r.name}: by {last['manager']}, {at - written:.0f} s after revision {size.revision}"


@when_resizing("no pod is resized unasked: another strategy, off, observe, paused, a dry run")
def resized_as_asked(r: Resizing) -> str | None:
    if r.subject.settings.dry_run:
        return f"{r.name}, and the scaler is only to say what it would do"
    chosen = facts.annotation(r.known, "strategy")
    paused = facts.annotation(r.known, "paused")
    if chosen != "resize" or paused == "true":
        return f"{r.name}: strategy {chosen}, paused {paused}"
    size = facts.size_of(r.podsize)
    if size is None or size.apply is Apply.NEW:
        same = facts.sizes_of(r.asked) == facts.has(r.pod)
        return None if same else f"{r.name}, and the size is for new pods only"
    return None


@when_resizing("of each resource, a resize asks for what the store says, or for what the pod has")
def resized_as_stored(r: Resizing) -> str | None:
    asked = facts.sizes_of(r.asked)
    has = facts.has(r.pod)
    stored = _stored(r)
    wrong = [
        (name, resource)
        for name in asked
        for resource in ("cpu", "memory")
        if asked[name].pair(resource) not in (s[name].pair(resource) for s in (*stored, has))
    ]
    return f"{r.name}: {wrong} of {asked}, the store says {stored}" if wrong else None


def _stored(r: Resizing) -> list[Sizes]:
    """What the store says, of the kind of its node, as the scaler had to know that or as it is."""
    size, now = facts.size_of(r.podsize), r.world.timeline.now
    if size is None or facts.annotation(r.known, "per-node") != "on":
        return [inject(size, facts.arrived(r.pod, size))]
    names: set[str | None] = set()
    for nodes in (r.subject.knows("nodes"), r.world.etcd.all("nodes")):
        names.update(kinds.allowed(r.pod, r.known, nodes, now) or ())
    parts = [size.of_class(name) for name in names]
    return [inject(part, facts.arrived(r.pod, part)) for part in parts]


@when_resizing("no crash-looping pod is resized: that would start its back-off again")
def no_loop_is_resized(r: Resizing) -> str | None:
    for status in r.pod["status"].get("containerStatuses") or ():
        if status["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff":
            return f"{r.name}: {status['name']} was started {status['restartCount']} times again"
    return None


@when_resizing("no memory limit is lowered below what the kubelet has said that is used")
def never_below_use(r: Resizing) -> str | None:
    first, now = r.asked["spec"]["containers"][0], r.world.timeline.now
    limit = of_container(first, "limits", "memory")
    if limit == of_container(r.pod["spec"]["containers"][0], "limits", "memory"):
        return None  # asked for before, and what would remove a limit cannot be taken back
    had = of_container({"resources": actual(r.pod)[first["name"]]}, "limits", "memory")
    counter = r.world.kubelets.counters.current.get((r.pod["metadata"]["uid"], first["name"]))
    if limit is None or (had is not None and limit >= had) or counter is None:
        return None
    since = max(counter.started, r.subject.born)  # a new process has read nothing yet
    known = now - since > _KNOWN and not r.world.perturbed & _UNREAD
    if limit >= counter.app.memory or not known:
        return None
    return f"{r.name}: {limit} bytes, and {counter.app.memory} are used"


@when_taking("no running pod is replaced for CPU that it could be given in place")
def resized_rather_than_replaced(t: Taking) -> str | None:
    if facts.annotation(t.known, "strategy") != "resize" or not t.subject.settings.resize:
        return None
    size = facts.size_of(t.podsize)
    if size is None or t.in_need or t.down or not available(t.seen) or undone(t.seen):
        return None
    made = target(t.world, t.seen, size)
    there = {**made, "spec": {**made["spec"], "nodeName": t.seen["spec"].get("nodeName", "")}}
    if t.world.perturbed & _REFUSING or not t.world.resizes.has_room(there):
        return None
    asked = _in_place(t, made)
    return f"{t.name}: nothing was in the way of {facts.sizes_of(asked)}" if asked else None


def _in_place(t: Taking, made: Json) -> Json | None:
    """The pod as a resize would make it; None where that cannot be, or is not of CPU alone."""
    parts = {c["name"]: c.get("resources") or {} for c in made["spec"]["containers"]}
    for had, has in zip(t.seen["spec"]["containers"], made["spec"]["containers"], strict=True):
        pairs = [(_pair(had, r), _pair(has, r)) for r in RESOURCES]
        if pairs[1][0] != pairs[1][1] or any(b and not a for b, a in zip(*pairs[0], strict=True)):
            return None
        if strategy.restarts(had, "cpu") and pairs[0][0] != pairs[0][1]:
            return None
    body = {"spec": {"containers": [{"name": n, "resources": p} for n, p in parts.items()]}}
    try:
        return resized(t.world.api, t.seen, body, "the judge")
    except KubeError:
        return None


@each_cycle("what a kubelet does not do in time is not waited for without a reason")
def resizes_end(c: Cycle) -> str | None:
    if c.world.perturbed & CLOCK_STEPS or c.subject.cycles <= 3:
        return None
    late = c.subject.settings.resize_deadline + _LATE
    waiting = [*c.same("undone resizes", lambda: _undone(c)).values()]
    for pod in waiting:
        owner = facts.owner_of(c.world.etcd, pod)
        podsize = facts.podsize_for(c.world.etcd, owner)
        silent = pod["spec"].get("nodeName") in c.world.kubelets.down
        size, waited = facts.size_of(podsize), _waited(c, pod)
        if podsize and size:  # what was asked for before that is no answer to it
            written = c.memory.written.get((podsize.uid, size.revision), 0.0)
            waited = min(waited, c.world.timeline.now - written)
        if waited <= late or podsize is None or silent or size is None or size.apply is Apply.NEW:
            continue
        standing, name = podsize.status, pod["metadata"]["name"]
        others = [p for p in waiting if facts.owner_of(c.world.etcd, p) == owner]
        if _after_the_others(c, standing, others, late):
            continue
        waits = standing.phase in (Phase.APPLYING, Phase.SETTLED)
        if waits and standing.reason is not Reason.PENDING_REPLACEMENT:
            says = f"{standing.phase} {standing.reason}"
            return f"{name} has waited for {waited:.0f} s: {says}: {standing.message}"
    return None


def _waited(c: Cycle, pod: Json) -> float:
    """Seconds since its last resize was asked for."""
    last, now = asked_last(pod), c.world.timeline.now
    return now - (timestamps.seconds(last["time"]) or now) if last else 0.0


def _after_the_others(c: Cycle, standing: Status, pods: list[Json], late: float) -> bool:
    """Whether the status names a pod that is late, and another one of its workload is not yet:
    what cannot be resized is replaced after the others."""
    said = standing.reason in (Reason.RESIZE_DEFERRED, Reason.RESIZE_INFEASIBLE)
    named = [p for p in pods if p["metadata"]["name"] in standing.message]
    return (
        said
        and any(_waited(c, p) > late - _LATE for p in named)
        and (any(_waited(c, p) <= late for p in pods))
    )


def _undone(c: Cycle) -> dict[str, Json]:
    """Pods whose last resize is ours, and not carried out, by UID."""
    pods = c.world.etcd.all("pods").values()
    ours = (p for p in pods if (last := asked_last(p)) and last["manager"] == OURS)
    return {p["metadata"]["uid"]: p for p in ours if undone(p) and available(p) and not kept(p)}


def _pair(container: Json, resource: str) -> tuple[int | None, int | None]:
    return (
        of_container(container, "requests", resource),
        of_container(container, "limits", resource),
    )
