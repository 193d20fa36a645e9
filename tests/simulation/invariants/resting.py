"""The pods as they will be once those that go are gone, and what comes in their place is there."""

from collections.abc import Mapping

from tests.simulation import facts
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Taking
from tests.simulation.invariants.replacing import replacement


def at_rest(t: Taking, pods: Mapping[Key, Json]) -> dict[Key, Json]:
    """For a quota: an owner that is refused while an old pod still counts tries again by itself."""
    coming = {k: _successor(t, p, pods) if _goes(p) else p for k, p in pods.items()}
    return {key: pod for key, pod in coming.items() if pod is not None}


def _successor(t: Taking, pod: Json, pods: Mapping[Key, Json]) -> Json | None:
    etcd = t.world.etcd
    owner = facts.owner_of(etcd, pod)
    if owner is None:
        return None
    mine = facts.pods_of(owner, pods, etcd.all("replicasets"))
    if sum(not _goes(p) for p in mine) >= facts.wanted(owner):
        return None  # it is there already
    return replacement(t.world, pod, facts.size_of(facts.podsize_for(etcd, owner)))


def _goes(pod: Json) -> bool:
    return "deletionTimestamp" in pod["metadata"]
