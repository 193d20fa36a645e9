"""The rights policy is removed, or a PodSize that holds a pod is."""

from random import Random

from kube.errors import KubeError
from tests.simulation import facts
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.world import World


@perturbation(2)
def rights_policy_removed(world: World, chance: Random) -> Heal:
    """Somebody deletes the admission policy; later it is there again."""
    world.restricted = False

    def stands() -> None:
        world.restricted = True

    world.timeline.after(chance.choice([5.0, 60.0]), stands)
    return stands


@perturbation(3)
def podsize_deleted_while_it_holds(world: World, chance: Random) -> Heal:
    """By hand; any one where none holds a pod."""
    owners = sorted(world.owners(), key=lambda o: str(o["metadata"]["name"]))
    holding = {facts.held(p) for p in world.etcd.all("pods").values()}
    found = [(o, world.etcd.get("podsizes", facts.podsize_key(o))) for o in owners]
    names = [facts.podsize_key(o)[1] for o, p in found if p and p["metadata"]["uid"] in holding]
    if names:
        try:
            world.person("DELETE", "podsizes", names[0], {})
        except KubeError:
            return None
    return None
