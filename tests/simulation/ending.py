"""Eventually stable: what must hold once no perturbation is left and nothing is written."""

from collections.abc import Callable

from kube import timestamps
from store import amounts
from store.model import Apply, PodSize
from store.reasons import Reason
from tests.simulation import facts, scheduling
from tests.simulation.controllers import LONGEST_PAUSE
from tests.simulation.etcd import Json
from tests.simulation.excuses import enrolled, excused, rest
from tests.simulation.invariants.replacing import as_stored, nowhere, sized, target
from tests.simulation.pods import available
from tests.simulation.quantities import of_container
from tests.simulation.resizing import actual, given_by_others, kept, undone
from tests.simulation.world import World

WORDS = {
    "settles": "once the perturbations are over, writes and replacements end within seven minutes",
    "sizes_stay_as_pods_move": "under the same load, no size changes as pods move back and forth",
    "every_pod_as_stored": "at the end every pod is as the store says, or the reason why not holds",
    "no_resize_left": "at the end no kubelet still has a resize that nobody waits for",
    "nothing_lost": "at the end every workload has all its pods, if the cluster itself allows it",
    "healing_ends": "at the end no program is killed again and again that could have more memory",
    "nothing_held": "at the end no pod is held any more",
    "everyone_has_a_podsize": "at the end each enrolled workload has a PodSize that says a reason",
}


def settled(world: World) -> bool:
    """Whether no pod is pending, starting, terminating, or held by its PodSize."""
    if nothing_held(world) or _waiting_for_a_minute(world):
        return False
    for pod in world.etcd.all("pods").values():
        if "deletionTimestamp" in pod["metadata"] and not _stuck(world, pod):
            return False
        placed = pod["spec"].get("nodeName")
        if placed and not available(pod) and not _stuck(world, pod):
            return False
    subject = world.subject
    if subject is None or subject.cycles <= 3 or _proving(world):
        return False
    since = world.calm_since if _restless(world) else max(world.last_pod_change, world.calm_since)
    quiet = world.timeline.now - since
    if world.cluster.failures and quiet < 2 * LONGEST_PAUSE:
        return False  # controllers that were refused come again, but late
    return quiet > rest(world)


def _waiting_for_a_minute(world: World) -> bool:
    """Whether a pod is not replaced yet, as its size may be for a burst."""
    found = map(facts.podsize_of, world.etcd.all("podsizes").values())
    return any(p and "nothing is replaced for a burst" in p.status.message for p in found)


def every_pod_as_stored(world: World) -> str | None:
    """See WORDS."""
    for owner in enrolled(world, "auto"):
        podsize = facts.podsize_for(world.etcd, owner)
        size = facts.size_of(podsize)
        if podsize is None or size is None or size.apply is Apply.NEW:
            continue
        for pod in world.pods_of(owner):
            if given_by_others(pod):
                continue
            if not as_stored(world, pod, size, owner) and not excused(world, owner, podsize):
                summary = (
                    f"{podsize.status.phase} {podsize.status.reason}: {podsize.status.message}"
                )
                return f"{pod['metadata']['name']} of {owner['kind']}, and the store says {summary}"
    return None


def no_resize_left(world: World) -> str | None:
    """See WORDS."""
    for owner in enrolled(world, "auto"):
        podsize = facts.podsize_for(world.etcd, owner)
        for pod in world.pods_of(owner):
            if podsize is None or not undone(pod) or given_by_others(pod) or kept(pod):
                continue
            wanted = target(world, pod, podsize.status.size)
            withdrawn = facts.sizes_of(wanted) != facts.sizes_of(pod)
            until = timestamps.seconds(podsize.status.backoff.until) or 0.0
            if podsize.status.reason is Reason.BACKING_OFF and until > world.timeline.now:
                continue  # it is withdrawn then
            if withdrawn or not excused(world, owner, podsize):
                status = podsize.status
                return f"{pod['metadata']['name']}: {status.phase} {status.reason} {status.message}"
    return None


def nothing_lost(world: World) -> str | None:
    """See WORDS."""
    for owner in world.owners():
        mine = world.pods_of(owner)
        if facts.healthy(owner, mine) or any(_stuck(world, p) for p in mine):
            continue
        if len(mine) < facts.wanted(owner) and _refused(world, owner):
            continue
        if any(_unschedulable(world, p) for p in mine):
            continue
        names = [f"{p['metadata']['name']} {p['status'].get('phase')}" for p in mine]
        return f"{owner['kind']} {owner['metadata']['name']}: {names}"
    return None


def nothing_held(world: World) -> str | None:
    """See WORDS."""
    if world.settings.dry_run:
        return None
    held = [p["metadata"]["name"] for p in world.etcd.all("pods").values() if facts.held(p)]
    return f"{held}" if held else None


def healing_ends(world: World) -> str | None:
    """See WORDS."""
    for owner in enrolled(world, "auto"):
        podsize, app = facts.podsize_for(world.etcd, owner), world.apps[owner["metadata"]["name"]]
        if podsize is None:
            continue
        size = podsize.status.size
        waits = podsize.status.reason in (Reason.NOT_READY, Reason.SINGLE_REPLICA)
        for pod in world.pods_of(owner):
            limit = of_container(pod["spec"]["containers"][0], "limits", "memory")
            wanted = target(world, pod, size)
            gets = of_container(wanted["spec"]["containers"][0], "limits", "memory")
            helps = limit is not None and (gets is None or gets > limit)
            if helps and _down(world, pod) and waits and not as_stored(world, pod, size, owner):
                return f"{pod['metadata']['name']} is down, and waits: {podsize.status.message}"
            if waits and limit == gets and _down(world, pod) and _could_grow(world, owner, pod):
                return f"{pod['metadata']['name']} is down, and could have more memory: {podsize}"
            if excused(world, owner, podsize):
                continue
            had = _memory(pod) if pod["spec"].get("nodeName") else None  # else it never ran
            if had is not None and had < app.memory and _heals(podsize):
                return f"{pod['metadata']['name']} needs {app.memory}, and has {had}: {podsize}"
    return None


def _down(world: World, pod: Json) -> bool:
    """Whether it was killed for want of memory, and is not Ready again, or was killed again and
    again: what was killed once, and serves since, may wait for what any change of it waits for."""
    return facts.killed(pod) and (not available(pod) or _stuck(world, pod))


def _memory(pod: Json) -> int | None:
    """The memory limit that its first container has by its kubelet's word, in bytes."""
    first = pod["spec"]["containers"][0]["name"]
    return of_container({"resources": actual(pod)[first]}, "limits", "memory")


def _could_grow(world: World, owner: Json, pod: Json) -> bool:
    """Whether nothing is known that speaks against twice the memory."""
    podsize = facts.podsize_for(world.etcd, owner)
    bounded = any(facts.annotation(owner, a) for a in ("limits", "memory-max", "resources"))
    ruled = world.etcd.all("limitranges") or world.etcd.all("resourcequotas")
    if podsize is None or podsize.by_hand or bounded or ruled:
        return False
    size, name = facts.sizes_of(pod), pod["spec"]["containers"][0]["name"]
    base = amounts.base_of(size[name], "memory")
    if base is None or base.limit is None:
        return False
    twice = amounts.with_pair(size[name], "memory", 2 * base.request, 2 * base.limit)
    made = sized(pod, {**size, name: twice})
    return not nowhere(pod, made, world.etcd.all("nodes"), world.etcd.all("pods"))


def _heals(podsize: PodSize) -> bool:
    """Whether its status has no reason for which more memory was not given."""
    return podsize.status.reason in (None, *_CONTENT)


_CONTENT = (
    *(Reason.OOM_KILLED, Reason.IN_BOUNDS, Reason.WARMING_UP, Reason.NO_USAGE),
    *(Reason.DOUBLED, Reason.HALVED, Reason.THROTTLED, Reason.MEMORY_PRESSURE),
)


def everyone_has_a_podsize(world: World) -> str | None:
    """See WORDS."""
    for owner in enrolled(world, "auto", "initial", "observe"):
        podsize = facts.podsize_for(world.etcd, owner)
        refused = world.hostility.policies or world.timeline.now - world.hostility.ended < 300.0
        if (podsize is None or podsize.status.reason is None) and not refused:
            return f"{owner['kind']} {owner['metadata']['name']}: {podsize}"
    return None


CHECKS: dict[str, Callable[[World], str | None]] = {
    check.__name__: check
    for check in (
        every_pod_as_stored,
        no_resize_left,
        nothing_lost,
        nothing_held,
        healing_ends,
        everyone_has_a_podsize,
    )
}


def _proving(world: World) -> bool:
    """Whether some pod is Ready, and the end of its minReadySeconds and a look then are ahead."""
    now, least = world.timeline.now, rest(world)
    for owner in world.owners():
        needed = int(owner["spec"].get("minReadySeconds") or 0) + least
        for pod in world.pods_of(owner):
            since = facts.ready_since(pod)
            if available(pod) and not _stuck(world, pod) and since and now - since < needed:
                return True
    return False


def _restless(world: World) -> bool:
    """Whether some container is started again and again, so that it never settles."""
    return any(_stuck(world, p) for p in world.etcd.all("pods").values())


def _stuck(world: World, pod: Json) -> bool:
    """Not going to change by itself: its program never becomes Ready, or its node is silent."""
    app = world.apps[pod["metadata"]["labels"]["app"]]
    restarts = [c["restartCount"] for c in pod["status"].get("containerStatuses") or ()]
    return (
        app.never_ready
        or max(restarts, default=0) > 2
        or pod["spec"].get("nodeName") in (world.kubelets.down)
    )


def _unschedulable(world: World, pod: Json) -> bool:
    if pod["spec"].get("nodeName"):
        return False
    return not scheduling.fitting(pod, world.etcd.all("nodes"), world.etcd.all("pods"))


def _refused(world: World, owner: Json) -> bool:
    """Whether the owner's status says that its pods are refused."""
    known = [k for k in world.cluster.failures if k[1][1].startswith(owner["metadata"]["name"])]
    rules = [*world.etcd.all("limitranges"), *world.etcd.all("resourcequotas")]
    return bool(known and rules)
