"""What happens to the second namespace (tests/simulation/tenants.py): it goes, or it has a policy.

| what    | what happens                                                                          |
| ------- | ------------------------------------------------------------------------------------- |
| goes    | it is deleted: nothing can be created in it, its objects go a while later, then itself |
| refuses | a policy of that namespace alone refuses hand-overs, and names the pod in its words   |
"""

from functools import partial
from random import Random

from kube import timestamps
from tests.simulation import hostility, tenants
from tests.simulation.etcd import Json
from tests.simulation.routes import OWNERS
from tests.simulation.world import World

_ALL = ("goes", "refuses", "refuses", "")


def plan(world: World, perturbed: float) -> None:
    """Let one of them come, in the first two thirds of the time."""
    if tenants.TENANT in world.perturbed:
        chance = world.source["tenant's"]
        come = {"goes": _goes, "refuses": _refuses}.get(chance.choice(_ALL))
        if come is not None:
            world.timeline.after(chance.uniform(0.0, 0.6 * perturbed), partial(come, world, chance))


def end(world: World) -> None:
    """What is going is gone."""
    if _going(world):
        _emptied(world)


def _refuses(world: World, chance: Random) -> None:
    if not world.calm:
        made = hostility.policy("updates", chance, world.timeline.now)
        made.namespace = tenants.NAMESPACE
        world.trace.add("perturbed", f"a policy of {made.namespace} refuses updates: {made}")
        world.perturbed.add("hostile updates")
        world.hostility.policies.append(made)


def _goes(world: World, chance: Random) -> None:
    found = world.etcd.get("namespaces", ("", tenants.NAMESPACE))
    if found is None or world.calm:
        return
    world.trace.add("perturbed", f"{tenants.NAMESPACE} is deleted")
    meta = {**found["metadata"], "deletionTimestamp": timestamps.text(world.timeline.now)}
    world.api.write({**found, "metadata": meta})
    world.timeline.after(chance.uniform(20.0, 60.0), partial(_emptied, world))


def _emptied(world: World) -> None:
    if not _going(world):
        return
    for plural in ("pods", *OWNERS.values()):
        for space, name in [*world.etcd.all(plural)]:
            if space == tenants.NAMESPACE:
                options: Json = {"gracePeriodSeconds": 0} if plural == "pods" else {}
                world.cluster.delete(plural, space, name, **options)
    world.cluster.delete("namespaces", "", tenants.NAMESPACE)


def _going(world: World) -> bool:
    found = world.etcd.get("namespaces", ("", tenants.NAMESPACE))
    return found is not None and "deletionTimestamp" in found["metadata"]
