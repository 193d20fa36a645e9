"""Third-party admission: policies that come at some time, and go again or stay."""

from functools import partial
from random import Random

from tests.simulation import facts, hostility
from tests.simulation.perturbations.ground import between
from tests.simulation.world import World


def plan(world: World, perturbed: float) -> None:
    """Let the seed's policies come; each ends by itself, or when the perturbations are over."""
    chance = world.source["hostile policies"]
    for name in hostility.drawn(world.source.seed):
        if name != "labels":
            at = chance.uniform(0.0, 0.6 * perturbed)
            world.timeline.after(at, partial(_come, world, name, chance.random(), 3))


def end(world: World) -> None:
    """All of them go."""
    for policy in list(world.hostility.policies):
        _over(world, policy)


def _come(world: World, name: str, luck: float, tries: int) -> None:
    if world.calm:
        return
    chance = Random(f"{world.source.seed}/{name}/{luck}")
    most = between(world, chance, "limits") if name == "creations" else None
    if name == "creations" and most is None:  # nobody has another size yet
        if tries:
            world.timeline.after(60.0, partial(_come, world, name, luck, tries - 1))
        return
    made = hostility.policy(name, chance, world.timeline.now, most)
    made.silent = hostility.silent(world.source.seed, name)
    world.trace.add("perturbed", f"a policy refuses {name}: {made}")
    world.perturbed.add(f"hostile {name}")
    world.hostility.policies.append(made)
    _object(world, made)
    if name == "creations":
        lose(world)
    if chance.random() < 0.5:
        world.timeline.after(200.0, partial(_over, world, made))


def _object(world: World, policy: hostility.Policy) -> None:
    """Half of them are objects that everybody may read; of the others nothing is to be seen."""
    there = world.etcd.get("validatingadmissionpolicies", ("", _name(policy)))
    if _shown(policy, world) and not there:  # two of a name may come in the same second
        meta = {"name": _name(policy)}
        world.create("validatingadmissionpolicies", {"metadata": meta})
        world.hostility.shown = world.timeline.now


def _over(world: World, policy: hostility.Policy) -> None:
    world.hostility.end(policy, world.timeline.now)
    key = ("", _name(policy))
    if world.etcd.get("validatingadmissionpolicies", key):
        world.cluster.delete("validatingadmissionpolicies", *key)
        world.hostility.shown = world.timeline.now


def _shown(policy: hostility.Policy, world: World) -> bool:
    """Drawn apart."""
    return Random(f"{world.source.seed}/object/{_name(policy)}").random() < 0.5


def _name(policy: hostility.Policy) -> str:
    """The name of its object."""
    return f"{policy.name}-{policy.since:.0f}"


def lose(world: World) -> None:
    """A pod that could not come back as it is is lost."""
    for key, pod in sorted(world.etcd.all("pods").items()):
        owner = facts.owner_of(world.etcd, pod)
        if owner and not facts.held(pod) and facts.sizes_of(pod) != facts.came_with(pod):
            world.cluster.delete("pods", *key, gracePeriodSeconds=0)
            return
