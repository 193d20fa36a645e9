"""What must hold where pods have priorities."""

from tests.simulation import facts, scheduling
from tests.simulation.etcd import Json
from tests.simulation.invariants.memory import Memory
from tests.simulation.invariants.replacing import replacement
from tests.simulation.world import World


def pushed_out(world: World, memory: Memory, pod: Json) -> str | None:
    """Why others that go for this pod go for a change of ours; None: they do not.

    Not where there was room for another like the one that we took, with our size: who has taken
    that since the cycle began, which node went, and what others add to a new pod that the old one
    did not have (a sidecar), could not be known. Nor where that one was down: no pod more comes,
    and none stays.
    """
    owner = facts.owner_of(world.etcd, pod)
    flight = memory.flying.get(facts.podsize_key(owner)) if owner else None
    if flight is None or flight.down or pod["metadata"]["uid"] in flight.before:
        return None
    size = facts.size_of(facts.podsize_for(world.etcd, owner)) if owner else None
    nodes = world.etcd.state("nodes", flight.version)
    for version in (flight.version, flight.known):
        pods = world.etcd.state("pods", version)
        taken = next((p for p in pods.values() if p["metadata"]["uid"] == flight.victim), pod)
        here = {k: p for k, p in pods.items() if p["metadata"]["uid"] != flight.victim}
        beside = here if _goes(world, flight.victim) else pods
        if scheduling.fitting(replacement(world, taken, size), nodes, beside):
            return None
    return f"{pod['metadata']['name']} comes for {flight.victim}"


def _goes(world: World, uid: str) -> bool:
    """Whether the pod that was taken is gone, or going."""
    pods = world.etcd.all("pods").values()
    return all("deletionTimestamp" in p["metadata"] for p in pods if p["metadata"]["uid"] == uid)
