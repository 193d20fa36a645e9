"""What can go wrong with a resize in place: kubelets that do not do it, and others that do it too.

Only in worlds whose workloads ask for it, and drawn apart from the other perturbations, so that a
seed without it is the world that it was.

| what             | what it does                                                                |
| ---------------- | --------------------------------------------------------------------------- |
| silent           | kubelets say nothing about the resizes of a program                         |
| infeasible       | they say that it can never be                                               |
| failing          | they fail to carry it out                                                   |
| somebody_else    | a person resizes a pod                                                      |
| between          | somebody resizes the pod right before the scaler's own resize arrives       |
| crowded          | pods of somebody else take most of what is left on the nodes                |
| lowered          | a size by hand has less memory than the program uses                        |
"""

from contextlib import suppress
from functools import partial
from random import Random

from kube.errors import KubeError
from tests.simulation import facts, shapes, strategy
from tests.simulation.apps import App
from tests.simulation.connection import Call
from tests.simulation.etcd import Json
from tests.simulation.quantities import of_container
from tests.simulation.routes import path_of
from tests.simulation.world import World

_KUBELETS = ("silent", "infeasible", "failing")
NAMES = (*_KUBELETS, "somebody_else", "between", "between", "crowded", "lowered")
_BY_HAND = (200, 300, 500, 800, 1500)  # millicores
_MIB = 1024 * 1024
_CROWD = "crowd"


def plan(world: World, perturbed: float) -> None:
    """Let two to five of them come, beside sizes by hand that there is something to resize for."""
    if not strategy.drawn(world.source.seed):
        return
    chance = world.source["resizes"]
    for _ in range(chance.randint(2, 6)):
        cpu, at = chance.choice(_BY_HAND), chance.uniform(0.0, 0.9 * perturbed)
        world.timeline.after(at, partial(_by_hand, world, cpu, chance.random()))
    for _ in range(chance.randint(2, 5)):
        name, at = chance.choice(NAMES), chance.uniform(0.0, 0.8 * perturbed)
        world.timeline.after(at, partial(_come, world, name, Random(chance.random())))


def end(world: World) -> None:
    """Kubelets do what they are asked, and the others are gone."""
    for name in _KUBELETS:
        getattr(world.resizes, name).clear()
    if world.etcd.get("deployments", (shapes.NAMESPACE, _CROWD)):
        world.person("PATCH", "deployments", _CROWD, {"spec": {"replicas": 0}})


def _come(world: World, name: str, chance: Random) -> None:
    if world.calm:
        return
    world.trace.add("perturbed", f"resizes: {name}")
    world.perturbed.add(f"resizes: {name}")
    if name in _KUBELETS:
        programs: set[str] = getattr(world.resizes, name)
        programs.update(n for n in world.apps if chance.random() < 0.6)
        world.timeline.after(chance.choice([20.0, 90.0, 200.0]), programs.clear)
    elif name == "between":
        _between(world, chance)
    elif name == "crowded":
        _crowd(world, chance)
    elif name == "lowered":
        _lower(world, chance)
    else:
        pods = [p for p in world.etcd.all("pods").values() if _resizable(world, p)]
        if pods:
            _by_somebody(world, chance.choice(pods), chance)


def _by_hand(world: World, cpu: int, luck: float) -> None:
    hand = {"name": "main", "requests": {"cpu": f"{cpu}m"}, "limits": {"cpu": f"{2 * cpu}m"}}
    _write(world, Random(luck), [hand])


def _between(world: World, chance: Random) -> None:
    """Once, between the scaler's look at the pod and its resize."""
    subject, done = world.subject, [False]

    def resize(call: Call) -> None:
        pod = world.etcd.get("pods", call.where.key)
        if not done[0] and call.resizes and pod is not None:
            done[0] = True
            _by_somebody(world, pod, chance)

    if subject:
        subject.connection.before.append(resize)


def _resizable(world: World, pod: Json) -> bool:
    owner = facts.owner_of(world.etcd, pod)
    running = bool(pod["status"].get("containerStatuses"))
    going = "deletionTimestamp" in pod["metadata"]
    return bool(owner and running and not going and not facts.held(pod))


def _by_somebody(world: World, pod: Json, chance: Random) -> None:
    """A person, or a start-up booster, gives the first container another CPU."""
    first = pod["spec"]["containers"][0]
    factor = chance.choice([0.7, 1.3, 2.0])
    parts: Json = {}
    for part in ("requests", "limits"):
        if amount := of_container(first, part, "cpu"):
            parts[part] = {"cpu": f"{int(amount * factor)}m"}
    body = {"spec": {"containers": [{"name": first["name"], "resources": parts}]}}
    meta = pod["metadata"]
    path = path_of("pods", meta["namespace"], meta["name"], "resize")
    world.trace.add("person", f"resizes {meta['name']}: {parts}")
    with suppress(KubeError):
        world.api.call("PATCH", path, body, fieldManager="somebody")


def _crowd(world: World, chance: Random) -> None:
    if world.etcd.get("deployments", (shapes.NAMESPACE, _CROWD)):
        return
    asked = {"cpu": chance.choice(["700m", "1200m"]), "memory": "64Mi"}
    world.apps[_CROWD] = App(_CROWD, {"main": 1.0}, _MIB)
    containers = [shapes.container("main", asked, asked)]
    made = shapes.workload("Deployment", _CROWD, chance.choice([2, 4, 6]), containers, {})
    world.create("deployments", made)


def _lower(world: World, chance: Random) -> None:
    """Below what every program uses; taken back by its author later."""
    hand = {"name": "main", "requests": {"memory": "16Mi"}, "limits": {"memory": "24Mi"}}
    name = _write(world, chance, [hand])
    if name:
        pause = chance.choice([60.0, 150.0])
        world.timeline.after(pause, lambda: _write(world, chance, [], name))


def _write(world: World, chance: Random, containers: list[Json], name: str = "") -> str:
    """Set a size by hand; the name of the PodSize."""
    owners = [o for o in world.owners() if facts.annotation(o, "strategy") == "resize"]
    if not owners or world.calm:
        return ""
    chosen = name or facts.podsize_key(chance.choice(owners))[1]
    with suppress(KubeError):
        world.person("PATCH", "podsizes", chosen, {"spec": {"containers": containers}})
    return chosen
