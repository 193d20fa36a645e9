"""Priorities: some workloads count more than others, and somebody's important pods come and go.

Drawn apart from the other perturbations, so that a seed without any is the world that it was.

| what       | what it does                                                                     |
| ---------- | -------------------------------------------------------------------------------- |
| priorities | half of the workloads have a higher priority than the others                     |
| important  | pods of a higher priority than all of them come; where they fit nowhere, others  |
|            | go                                                                               |
| pushed out | one pod of whomever is preempted for a pod that is not seen here                 |
"""

from functools import partial
from random import Random

from tests.simulation import shapes
from tests.simulation.apps import App
from tests.simulation.quantities import amount
from tests.simulation.world import World

SHARE = 0.05
"""Of the seeds."""
IMPORTANT = "important"
_MIB = 1024 * 1024


def drawn(seed: int) -> bool:
    """Whether a seed's cluster has priorities."""
    return Random(f"{seed}/preempting").random() < SHARE


def plan(world: World, perturbed: float) -> None:
    """Give workloads priorities, and let two to five of the others come."""
    if not drawn(world.source.seed):
        return
    chance = world.source["preempting"]
    names = sorted(n for n in world.apps if n.startswith("w"))
    world.admission.priorities = {name: chance.choice([0, 100]) for name in names}
    world.admission.priorities[IMPORTANT] = 1000
    for _ in range(chance.randint(2, 5)):
        come = chance.choice([_important, _pushed_out])
        at = chance.uniform(0.0, 0.9 * perturbed)
        world.timeline.after(at, partial(come, world, Random(chance.random())))


def end(world: World) -> None:
    """The important pods go."""
    if world.etcd.get("deployments", (shapes.NAMESPACE, IMPORTANT)):
        world.person("PATCH", "deployments", IMPORTANT, {"spec": {"replicas": 0}})


def _important(world: World, chance: Random) -> None:
    if world.calm:
        return
    world.perturbed.add("important pods")
    replicas = chance.choice([1, 2, 3])
    if world.etcd.get("deployments", (shapes.NAMESPACE, IMPORTANT)):
        world.person("PATCH", "deployments", IMPORTANT, {"spec": {"replicas": replicas}})
    else:
        nodes = world.etcd.all("nodes").values()
        most = max(amount("cpu", n["status"]["allocatable"]["cpu"]) for n in nodes)
        asked = {"cpu": f"{round(chance.uniform(0.4, 0.9) * most)}m", "memory": "64Mi"}
        world.apps[IMPORTANT] = App(IMPORTANT, {"main": 1.0}, _MIB)
        containers = [shapes.container("main", asked, asked)]
        made = shapes.workload("Deployment", IMPORTANT, replicas, containers, {})
        world.create("deployments", made)
    world.timeline.after(chance.choice([30.0, 90.0, 200.0]), partial(end, world))


def _pushed_out(world: World, chance: Random) -> None:
    if world.calm:
        return
    pods = sorted(k for k, p in world.etcd.all("pods").items() if p["spec"].get("nodeName"))
    if pods:
        world.perturbed.add("pushed out")
        key = chance.choice(pods)
        world.trace.add("perturbed", f"{key} is pushed out")
        world.cluster.delete("pods", *key)
