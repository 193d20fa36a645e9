"""What may keep a pod from its stored size, by reason code.

The reason must be true: it is checked against the cluster itself, so that a stale or wrong excuse
is found.
"""

from collections.abc import Callable, Iterable

from kube import timestamps
from kube.errors import KubeError
from store.model import PodSize
from store.reasons import Reason
from tests.simulation import facts, habits, limits, scheduling, shapes
from tests.simulation.etcd import Json, Key
from tests.simulation.eviction import budgets_of
from tests.simulation.invariants.replacing import as_stored, of_pod, refused, target
from tests.simulation.quantities import of_container
from tests.simulation.resizing import asked_last, resized
from tests.simulation.world import World

_GENERATION = "deprecated.daemonset.template.generation"
_Excuse = Callable[[World, Json, list[Json]], bool]


def _unhealthy(world: World, owner: Json, pods: list[Json]) -> bool:
    return not facts.healthy(owner, pods)


def _waits(world: World, owner: Json, pods: list[Json]) -> bool:
    """For its own pods, or for its turn: others may be late yet without being too late."""
    if _unhealthy(world, owner, pods):
        return True
    others = [o for o in enrolled(world, "auto") if _unhealthy(world, o, world.pods_of(o))]
    return len(others) >= world.settings.in_flight


def _budget(world: World, owner: Json, pods: list[Json]) -> bool:
    budgets = [b for p in pods for b in budgets_of(world.etcd, p)]
    if any(habits.protected(p, owner, world.timeline.now - 2 * rest(world)) for p in pods):
        return True
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
    until = timestamps.seconds(podsize.status.backoff.until) if podsize else None
    return until is not None and until > world.timeline.now - 2 * rest(world)


def _quota(world: World, owner: Json, pods: list[Json]) -> bool:
    return bool(world.etcd.all("resourcequotas"))


def _classed(world: World, owner: Json, pods: list[Json]) -> bool:
    size = facts.size_of(facts.podsize_for(world.etcd, owner))
    return any(facts.refused_for_class(p, of_pod(world, p, size)) for p in pods)


def _alike(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether as many workloads as it takes have failures on record."""
    found = [facts.podsize_of(p) for p in world.etcd.all("podsizes").values()]
    failed = [p for p in found if p and p.status.backoff.failures]
    return len(failed) >= world.settings.breaker_workloads


def _no_room(world: World, owner: Json, pods: list[Json]) -> bool:
    """One after the other, or for one of them beside those that are there.

    What the store says nothing of they may have as the newest has it: somebody gave it that.
    """
    nodes, there = world.etcd.all("nodes"), world.etcd.all("pods")
    ranges, newest = world.etcd.all("limitranges"), max(pods, key=facts.made_at)
    come = _replacements(world, owner, pods)
    coming = [(pod, limits.ranged(_like(newest, pod, made), ranges)) for pod, made in come]
    apart = "affinity" in owner["spec"]["template"]["spec"]  # its pods cannot be beside each other
    beside = apart or all(scheduling.fitting(made, nodes, there) for _, made in coming)
    return not (beside and _all_fit(coming, nodes, dict(there)))


def _like(newest: Json, pod: Json, made: Json) -> Json:
    theirs = {c["name"]: c for c in newest["spec"]["containers"]}
    pairs = zip(pod["spec"]["containers"], made["spec"]["containers"], strict=True)
    containers = [theirs.get(c["name"], c) if had == c else c for had, c in pairs]
    return {**made, "spec": {**made["spec"], "containers": containers}}


def _all_fit(
    coming: Iterable[tuple[Json, Json]], nodes: dict[Key, Json], there: dict[Key, Json]
) -> bool:
    for pod, made in coming:
        key = (pod["metadata"]["namespace"], pod["metadata"]["name"])
        del there[key]
        free = scheduling.fitting(made, nodes, there)
        if not free:
            return False
        spec = {**made["spec"], "nodeName": max(free, key=lambda name: free[name][0])}
        there[key] = {**made, "spec": spec}
    return True


def _ranged(world: World, owner: Json, pods: list[Json]) -> bool:
    ranges = world.etcd.all("limitranges")
    return any(refused(made, ranges) for _, made in _replacements(world, owner, pods))


def _used_up(world: World, owner: Json, pods: list[Json]) -> bool:
    """The workload's or the cluster's restarts, of the last hour on record or of one beside it."""
    found = [facts.podsize_of(p) for p in world.etcd.all("podsizes").values()]
    total = sum(p.status.restarts.count for p in found if p)
    mine = facts.podsize_for(world.etcd, owner)
    count = mine.status.restarts.count if mine else 0
    most = world.settings
    return count >= most.restarts_per_hour + len(pods) or total >= most.cluster_per_hour


def _moved_on(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether some pod would come back as something else, or the template was written after it was
    made and a policy changes it in each pod: nothing shows that it is the same (template_edits)."""
    strategy = owner["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete" and _rolling(world, owner, pods):
        return True
    wanted = facts.images(owner["spec"]["template"])
    if any(not wanted.items() <= facts.images(p).items() for p in pods):
        return True
    labels = owner["spec"]["template"]["metadata"].get("labels") or {}
    rewritten = any(not labels.items() <= (p["metadata"].get("labels") or {}).items() for p in pods)
    return rewritten and owner["metadata"].get("generation") != 1


def _mistyped(world: World, owner: Json, pods: list[Json]) -> bool:
    """What is malformed, or deletion without the rights for it (surge is switched off)."""
    deletes = facts.annotation(owner, "disruption") == "delete" and not world.settings.surge
    return deletes or facts.annotation(owner, "cpu-max") == shapes.MISTYPED


def _replacements(world: World, owner: Json, pods: list[Json]) -> list[tuple[Json, Json]]:
    """The pods that are not as the store says, each with what would come in its place."""
    size = facts.size_of(facts.podsize_for(world.etcd, owner))
    differing = (p for p in pods if not as_stored(world, p, size, owner))
    return [(p, target(world, p, size)) for p in differing]


def _hostile(world: World, owner: Json, pods: list[Json]) -> bool:
    """Somebody refuses it, or did so a moment ago: five minutes are waited out at most."""
    since = world.timeline.now - world.hostility.ended
    return bool(world.hostility.policies) or since < _REFUSED + 2 * rest(world)


def _in_its_way(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether some node has no room for a pod as it should be, and no other pod may come for it."""
    coming = _replacements(world, owner, pods)
    crowded = [
        pod
        for pod, made in coming
        if not world.resizes.has_room(
            {**made, "spec": {**made["spec"], "nodeName": pod["spec"].get("nodeName", "")}}
        )
    ]
    return bool(crowded) or _waits(world, owner, pods)


def _below_use(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether a memory limit would be lowered to less than a program uses, or hardly more."""
    need = 1.1 * world.apps[owner["metadata"]["name"]].memory
    least = [
        of_container(made["spec"]["containers"][0], "limits", "memory")
        for _, made in _replacements(world, owner, pods)
    ]
    return any(limit is not None and limit < need for limit in least)


def _never_in_place(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether some pod cannot be resized to what it should have, and stays: no new one knows its
    kind of node."""
    if facts.annotation(owner, "per-node") != "on":
        return False
    return any(not _resizable(world, p, made) for p, made in _replacements(world, owner, pods))


def _resizable(world: World, pod: Json, made: Json) -> bool:
    pairs = zip(pod["spec"]["containers"], made["spec"]["containers"], strict=True)
    asked = [
        {"name": c["name"], "resources": m.get("resources") or {}}
        for c, m in pairs
        if c.get("resources") != m.get("resources")
    ]
    again = any(c.get("resizePolicy") for c in pod["spec"]["containers"])
    try:
        found = resized(world.api, pod, {"spec": {"containers": asked}}, "the judge")
    except KubeError:
        return False
    return not again and facts.sizes_of(found) == facts.sizes_of(made)


def _infeasible(world: World, owner: Json, pods: list[Json]) -> bool:
    return _below_use(world, owner, pods) or _never_in_place(world, owner, pods)


def _by_others(world: World, owner: Json, pods: list[Json]) -> bool:
    """Whether somebody else was the last to resize a pod, or a new pod had other values."""
    last = [found for p in pods if (found := asked_last(p))]
    return any(one["manager"] == "somebody" for one in last) or _backing_off(world, owner, pods)


_REFUSED = 300.0
_EXCUSES: dict[Reason, _Excuse] = {
    Reason.REFUSED: _hostile,
    Reason.NOT_READY: _unhealthy,
    Reason.PENDING_REPLACEMENT: _waits,
    Reason.DISRUPTION_BUDGET: _budget,
    Reason.SINGLE_REPLICA: _alone,
    Reason.ROLLOUT_IN_PROGRESS: _rolling,
    Reason.PAUSED: _paused,
    Reason.BACKING_OFF: _backing_off,
    Reason.TEMPLATE_CHANGED: _moved_on,
    Reason.REWRITTEN: _by_others,
    Reason.RESIZE_DEFERRED: _in_its_way,
    Reason.RESIZE_INFEASIBLE: _infeasible,
    Reason.NO_NODE_FITS: _no_room,
    Reason.LIMIT_RANGE: _ranged,
    Reason.RESTART_BUDGET: _used_up,
    Reason.QUOTA: _quota,
    Reason.QOS_CLASS: _classed,
    Reason.BREAKER: _alike,
    Reason.BAD_ANNOTATION: _mistyped,
}


def excused(world: World, owner: Json, podsize: PodSize) -> bool:
    """Whether what the status gives as its reason is so, or it could not be written."""
    if "hostile statuses" in world.perturbed and _hostile(world, owner, []):
        return True
    reason = podsize.status.reason
    excuse = _EXCUSES.get(reason) if reason else None
    return excuse is not None and excuse(world, owner, world.pods_of(owner))


def enrolled(world: World, *modes: str) -> list[Json]:
    """The workloads of these modes."""
    return [o for o in world.owners() if facts.annotation(o, "mode") in modes]


def rest(world: World) -> float:
    """Seconds in which the scaler must have come round after the last change."""
    return 2 * world.settings.interval + world.lag[1] + 5.0
