"""With what the wait of a workload may end: all else is no reason to ask for something again."""

from store.model import Workload
from tests.simulation import facts
from tests.simulation.pods import available
from tests.simulation.routes import OWNERS
from tests.simulation.world import World

_RULES = ("validatingadmissionpolicies", "poddisruptionbudgets")


def state(world: World, workload: Workload) -> str:
    """Another text where any of it has changed."""
    space = workload.namespace
    owner = world.etcd.get(OWNERS[workload.kind], (space, workload.name))
    podsize = facts.podsize_for(world.etcd, owner)
    pods = world.pods_of(owner) if owner else []
    rules = [r for kind in _RULES for r in world.etcd.all(kind).values()]
    return str(
        (
            owner and owner["metadata"]["generation"],
            podsize and (podsize.generation, podsize.status.restarts),
            [(p["metadata"]["uid"], available(p)) for p in pods],
            [(r["metadata"]["uid"], r["metadata"].get("generation"), _allows(r)) for r in rules],
            len(world.hostility.policies),
            world.calm,
        )
    )


def _allows(rule: dict[str, object]) -> bool:
    status = rule.get("status")
    return isinstance(status, dict) and bool(status.get("disruptionsAllowed"))
