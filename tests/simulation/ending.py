"""Eventually stable: what must hold once the trouble is over and nothing is written any more.

A pod that is not as the store says needs a reason, and the reason must be true: it is checked
against the cluster itself, so that a stale or wrong excuse is found.
"""

from collections.abc import Callable

from scaler import clock
from store.model import Apply, PodSize
from store.reasons import Reason
from tests.simulation import facts, scheduling
from tests.simulation.controllers import LONGEST_PAUSE
from tests.simulation.etcd import Json
from tests.simulation.eviction import budgets_of
from tests.simulation.pods import available
from tests.simulation.world import World

_GENERATION = "deprecated.daemonset.template.generation"
WORDS = {
    "settles": "once the trouble is over, the scaler stops writing and taking within seven minutes",
    "every_pod_as_stored": "at the end every pod is as the store says, or the reason why not holds",
    "nothing_lost": "at the end every workload has all its pods, if the cluster itself allows it",
    "nothing_held": "at the end no pod is held any more",
    "everyone_has_a_podsize": "at the end each enrolled workload has a PodSize that says a reason",
}


def settled(world: World) -> bool:
    """Whether no pod is on its way: to a node, to Ready, out, or back from its PodSize."""
    if nothing_held(world):
        return False
    for pod in world.etcd.all("pods").values():
        if "deletionTimestamp" in pod["metadata"] and not _stuck(world, pod):
            return False
        placed = pod["spec"].get("nodeName")
        if placed and not available(pod) and not _stuck(world, pod):
            return False
    subject = world.subject
    if subject is None or subject.cycles <= 3:
        return False
    since = world.calm_since if _restless(world) else max(world.last_pod_change, world.calm_since)
    quiet = world.timeline.now - since
    if world.cluster.failures and quiet < 2 * LONGEST_PAUSE:
        return False  # controllers that were refused come again, but late
    return quiet > _rest(world)


def every_pod_as_stored(world: World) -> str | None:
    """See WORDS."""
    for owner in _enrolled(world, "auto"):
        podsize = facts.podsize_for(world.etcd, owner)
        size = podsize.status.size if podsize else None
        if podsize is None or size is None or size.apply is Apply.NEW:
            continue
        for pod in _pods(world, owner):
            if not facts.as_stored(pod, size, owner) and not _excused(world, owner, podsize):
                told = f"{podsize.status.phase} {podsize.status.reason}: {podsize.status.message}"
                return f"{pod['metadata']['name']} of {owner['kind']}, and the store says {told}"
    return None


def nothing_lost(world: World) -> str | None:
    """See WORDS."""
    for owner in world.owners():
        mine = _pods(world, owner)
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


def everyone_has_a_podsize(world: World) -> str | None:
    """See WORDS."""
    for owner in _enrolled(world, "auto", "initial", "observe"):
        podsize = facts.podsize_for(world.etcd, owner)
        if podsize is None or podsize.status.reason is None:
            return f"{owner['kind']} {owner['metadata']['name']}: {podsize}"
    return None


CHECKS: dict[str, Callable[[World], str | None]] = {
    check.__name__: check
    for check in (every_pod_as_stored, nothing_lost, nothing_held, everyone_has_a_podsize)
}

_Excuse = Callable[[World, Json, list[Json]], bool]


def _unhealthy(world: World, owner: Json, pods: list[Json]) -> bool:
    return not facts.healthy(owner, pods)


def _waits(world: World, owner: Json, pods: list[Json]) -> bool:
    """For its own pods, or for its turn: others may be late yet without being too late."""
    if _unhealthy(world, owner, pods):
        return True
    others = [o for o in _enrolled(world, "auto") if _unhealthy(world, o, _pods(world, o))]
    return len(others) >= world.settings.in_flight


def _budget(world: World, owner: Json, pods: list[Json]) -> bool:
    budgets = [b for p in pods for b in budgets_of(world.etcd, p)]
    return any(not (b.get("status") or {}).get("disruptionsAllowed") for b in budgets)


def _alone(world: World, owner: Json, pods: list[Json]) -> bool:
    return len(pods) == 1 and facts.annotation(owner, "single-replica") != "restart"


def _rolling(world: World, owner: Json, pods: list[Json]) -> bool:
    sets = [s for s in world.etcd.all("replicasets").values() if s["spec"].get("replicas")]
    mine = [s for s in sets if facts.owner_of(world.etcd, s) == owner]
    if len(mine) > 1:
        return True  # also where the pods of one of them are refused
    newest = owner["metadata"].get("annotations", {}).get(_GENERATION)
    labels = [p["metadata"]["labels"] for p in pods]
    if newest and any(had.get("pod-template-generation") != newest for had in labels):
        return True  # also where those of the new template are refused
    hashes = {had.get("controller-revision-hash") for had in labels}
    if owner["kind"] == "StatefulSet" and hashes - {owner["status"].get("updateRevision")}:
        return True  # the same: they may be all there are
    return len({p["metadata"]["ownerReferences"][0]["uid"] for p in pods}) > 1 or len(hashes) > 1


def _paused(world: World, owner: Json, pods: list[Json]) -> bool:
    return facts.annotation(owner, "paused") == "true" or world.settings.dry_run


def _backing_off(world: World, owner: Json, pods: list[Json]) -> bool:
    podsize = facts.podsize_for(world.etcd, owner)
    until = clock.seconds(podsize.status.backoff.until) if podsize else None
    return until is not None and until > world.timeline.now - 2 * _rest(world)


def _quota(world: World, owner: Json, pods: list[Json]) -> bool:
    return bool(world.etcd.all("resourcequotas"))


def _classed(world: World, owner: Json, pods: list[Json]) -> bool:
    podsize = facts.podsize_for(world.etcd, owner)
    size = podsize.status.size if podsize else None
    return any(facts.refused_for_class(p, size) for p in pods)


def _alike(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether as many workloads as it takes have failures on record."""
    found = [facts.podsize_of(p) for p in world.etcd.all("podsizes").values()]
    failed = [p for p in found if p and p.status.backoff.failures]
    return len(failed) >= world.settings.breaker_workloads


def _always(world: World, owner: Json, pods: list[Json]) -> bool:
    return True


_EXCUSES: dict[Reason, _Excuse] = {
    Reason.NOT_READY: _unhealthy,
    Reason.PENDING_REPLACEMENT: _waits,
    Reason.DISRUPTION_BUDGET: _budget,
    Reason.SINGLE_REPLICA: _alone,
    Reason.ROLLOUT_IN_PROGRESS: _rolling,
    Reason.PAUSED: _paused,
    Reason.BACKING_OFF: _backing_off,
    Reason.TEMPLATE_CHANGED: _always,
    Reason.REWRITTEN: _backing_off,
    Reason.NO_NODE_FITS: _always,
    Reason.LIMIT_RANGE: _always,
    Reason.RESTART_BUDGET: _always,
    Reason.QUOTA: _quota,
    Reason.QOS_CLASS: _classed,
    Reason.BREAKER: _alike,
    Reason.BAD_ANNOTATION: _always,
}


def _excused(world: World, owner: Json, podsize: PodSize) -> bool:
    reason = podsize.status.reason
    excuse = _EXCUSES.get(reason) if reason else None
    return excuse is not None and excuse(world, owner, _pods(world, owner))


def _enrolled(world: World, *modes: str) -> list[Json]:
    return [o for o in world.owners() if facts.annotation(o, "mode") in modes]


def _pods(world: World, owner: Json) -> list[Json]:
    return facts.pods_of(owner, world.etcd.all("pods"), world.etcd.all("replicasets"))


def _rest(world: World) -> float:
    """Seconds in which the scaler must have come round after the last change."""
    return 2 * world.settings.interval + world.lag[1] + 5.0


def _restless(world: World) -> bool:
    """Whether some container is started again and again, so that there is never any rest."""
    return any(_stuck(world, p) for p in world.etcd.all("pods").values())


def _stuck(world: World, pod: Json) -> bool:
    """Not going to change by itself: its program never gets ready, or its node is silent."""
    app = world.apps[pod["metadata"]["labels"]["app"]]
    restarts = [c["restartCount"] for c in pod["status"].get("containerStatuses") or ()]
    return (
        app.sick
        or max(restarts, default=0) > 2
        or pod["spec"].get("nodeName") in (world.kubelets.down)
    )


def _unschedulable(world: World, pod: Json) -> bool:
    if pod["spec"].get("nodeName"):
        return False
    nodes = world.etcd.all("nodes")
    free = scheduling.rooms(nodes, world.etcd.all("pods"))
    return not any(scheduling.fits(pod, free[n]) for n in scheduling.nodes_for(pod, nodes))


def _refused(world: World, owner: Json) -> bool:
    """Whether the owner is told that its pods may not be."""
    known = [k for k in world.cluster.failures if k[1][1].startswith(owner["metadata"]["name"])]
    rules = [*world.etcd.all("limitranges"), *world.etcd.all("resourcequotas")]
    return bool(known and rules)
