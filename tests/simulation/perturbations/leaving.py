"""Workloads go and come back, and the product itself is uninstalled in the middle of anything."""

from random import Random

from kube.errors import KubeError
from tests.simulation import shapes
from tests.simulation.etcd import Json
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.routes import OWNERS
from tests.simulation.world import World


@perturbation(2)
def workload_deleted(world: World, chance: Random) -> Heal:
    """With all its pods; later it is applied again from the same manifest."""
    owners = [o for o in world.owners() if o["metadata"]["name"].startswith("w")]
    if len(owners) < 2:
        return None
    owner = chance.choice(owners)
    plural, meta = OWNERS[owner["kind"]], owner["metadata"]
    world.person("DELETE", plural, meta["name"], {})

    def applied() -> None:
        if world.etcd.get(plural, (shapes.NAMESPACE, meta["name"])) is None:
            world.create(plural, _manifest(owner))

    world.timeline.after(chance.choice([0.5, 5.0, 60.0]), applied)
    return applied


@perturbation(1)
def uninstalled(world: World, chance: Random) -> Heal:
    """Then the one command that frees whatever is held; later it is installed again."""
    world.installed = False
    for subject in list(world.subjects):
        world.kill(subject)
    world.webhook.selected = lambda pod: False

    def freed() -> None:
        for _, name in list(world.etcd.all("podsizes")):
            try:
                world.person("DELETE", "podsizes", name, {})
            except KubeError as e:
                world.trace.add("person", f"is refused: {e}")

    def back() -> None:
        if not world.installed:
            world.installed, world.webhook.selected = True, lambda pod: True
            world.restart()

    world.timeline.after(chance.choice([0.5, 3.0]), freed)
    world.timeline.after(chance.choice([5.0, 30.0, 120.0]), back)
    return back


def _manifest(owner: Json) -> Json:
    meta = {k: owner["metadata"][k] for k in ("name", "namespace", "annotations")}
    return {**{k: owner[k] for k in ("apiVersion", "kind", "spec")}, "metadata": meta}
