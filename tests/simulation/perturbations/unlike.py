"""What can change about unlike nodes: they go and come back, get other labels, slow down.

Only in such worlds (unlike.py), and drawn apart from the other perturbations.

| what      | what it does                                                                     |
| --------- | -------------------------------------------------------------------------------- |
| vanishes  | all nodes of a kind are removed, with their pods, and come back later            |
| relabels  | a node gets another kind's label, or loses its own                               |
| flaps     | a node's label is written every few seconds, with one of two kinds               |
| speed     | somebody writes a speed, right or wrong                                          |
| slows     | a node is really slower than it was, for a while                                 |
| moved     | a kind's nodes are cordoned and its pods deleted: they come elsewhere, then back |
| asked     | a workload's `per-node` or `strategy` is switched                                |
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from random import Random

from kube.errors import KubeError
from store.annotations import NODE_CLASS, PREFIX, SPEED
from tests.simulation import facts, kinds, unlike
from tests.simulation.etcd import Json
from tests.simulation.perturbations.ground import node_leaves
from tests.simulation.perturbations.neighbours import cordon
from tests.simulation.routes import OWNERS
from tests.simulation.world import World

NAMES = ("vanishes", "vanishes", "relabels", "flaps", "speed", "slows", "moved", "moved", "asked")
_AWAY = (40.0, 120.0, 240.0)


def plan(world: World, perturbed: float) -> None:
    """Three to seven of them."""
    if not unlike.drawn(world.source.seed):
        return
    chance = world.source["unlike"]
    for _ in range(chance.randint(3, 7)):
        name, at = chance.choice(NAMES), chance.uniform(0.0, 0.9 * perturbed)
        world.timeline.after(at, partial(_come, world, name, Random(chance.random())))


def end(world: World) -> None:
    """All nodes are there and take pods, and are as fast as they were."""
    for put_right in world.owed:
        put_right()
    world.owed.clear()


def _later(world: World, seconds: float, put_right: Callable[[], object]) -> None:
    def do() -> None:
        if put_right in world.owed:
            world.owed.remove(put_right)
            put_right()

    world.owed.append(put_right)
    world.timeline.after(seconds, do)


def _come(world: World, name: str, chance: Random) -> None:
    found = sorted(n for _, n in world.etcd.all("nodes"))
    if world.calm or not found:
        return
    world.trace.add("perturbed", f"unlike nodes: {name}")
    world.perturbed.add(f"unlike nodes: {name}")
    _MISCHIEF[name](world, chance, chance.choice(found))


def of_kind(world: World, node: str) -> list[str]:
    """The nodes that say they are of the same kind as one."""
    nodes = {name: n for (_, name), n in world.etcd.all("nodes").items()}
    kind = kinds.said_by(nodes[node])
    return sorted(name for name, n in nodes.items() if kinds.said_by(n) == kind)


def leave(world: World, names: list[str]) -> None:
    """Cordon nodes, and delete the pods there that may be elsewhere."""
    for name in names:
        cordon(world, name, True)
    for (space, pod), found in list(world.etcd.all("pods").items()):
        owner = facts.owner_of(world.etcd, found)
        bound = owner is None or owner["kind"] == "DaemonSet"
        if found["spec"].get("nodeName") in names and not bound:
            world.cluster.delete("pods", space, pod)


def _vanishes(world: World, chance: Random, node: str) -> None:
    gone = of_kind(world, node)
    held = [world.etcd.all("nodes")["", name] for name in gone]
    for name in gone:
        node_leaves(world, name)
    _later(world, chance.choice(_AWAY), partial(_back, world, held))


def _back(world: World, held: list[Json]) -> None:
    for node in held:
        meta = {k: node["metadata"][k] for k in ("name", "labels")}
        again = {"metadata": meta, "spec": {}, "status": node["status"]}
        with suppress(KubeError):
            world.create("nodes", again)
            for pod in world.etcd.all("pods"):
                world.cluster.queue("pods", pod)


def _relabels(world: World, chance: Random, node: str) -> None:
    _label(world, node, chance.choice([*unlike.KINDS, None]))


def _flaps(world: World, chance: Random, node: str) -> None:
    for _ in range(chance.randint(5, 25)):
        at = chance.uniform(0.0, 150.0)
        world.timeline.after(at, partial(_label, world, node, chance.choice(unlike.KINDS)))


def _label(world: World, node: str, kind: str | None) -> None:
    if world.etcd.get("nodes", ("", node)) and not world.calm:
        world.person("PATCH", "nodes", node, {"metadata": {"labels": {NODE_CLASS: kind}}})


def _speed(world: World, chance: Random, node: str) -> None:
    said = chance.choice([*unlike.SAID, *unlike.WRONG])
    where = chance.choice(["labels", "annotations"])
    world.person("PATCH", "nodes", node, {"metadata": {where: {SPEED: said}}})


def _slows(world: World, chance: Random, node: str) -> None:
    speeds = world.kubelets.counters.speeds
    usual = speeds.get(node, 1.0)
    speeds[node] = usual * chance.uniform(0.3, 0.8)
    _later(world, chance.uniform(90.0, 300.0), partial(speeds.__setitem__, node, usual))


def _moved(world: World, chance: Random, node: str) -> None:
    names = of_kind(world, node)
    leave(world, names)
    _later(world, chance.choice(_AWAY), partial(_uncordon, world, names))


def _uncordon(world: World, names: list[str]) -> None:
    for name in names:
        cordon(world, name, False)


def _asked(world: World, chance: Random, node: str) -> None:
    owner = chance.choice(world.owners())
    asked: list[tuple[str, str | None]] = [("per-node", "on"), ("per-node", "off")]
    asked += [("strategy", "resize"), ("strategy", None)]
    short, value = chance.choice(asked)
    texts = {PREFIX + short: value}
    body = {"metadata": {"annotations": texts}}
    world.person("PATCH", OWNERS[owner["kind"]], owner["metadata"]["name"], body)


_MISCHIEF = {
    "vanishes": _vanishes,
    "relabels": _relabels,
    "flaps": _flaps,
    "speed": _speed,
    "slows": _slows,
    "moved": _moved,
    "asked": _asked,
}
