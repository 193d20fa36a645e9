"""Capacity shrinks after a change: limits, quotas, nodes, neighbours' pods."""

from contextlib import suppress
from random import Random
from typing import Literal

from kube.errors import KubeError
from store.model import ContainerSize
from tests.simulation import limits, shapes
from tests.simulation.etcd import Json
from tests.simulation.facts import podsize_key, podsize_of
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.routes import path_of
from tests.simulation.world import World


@perturbation(4)
def limit_range_appears(world: World, chance: Random) -> Heal:
    """A LimitRange that many of the pods would not get past, for a while."""
    if world.etcd.all("limitranges"):
        return None
    item = {"type": "Container", "max": {"cpu": chance.choice(["300m", "600m", "1"])}}
    world.create("limitranges", shapes.limit_range(item))
    return lambda: world.cluster.delete("limitranges", shapes.NAMESPACE, "limits")


@perturbation(3)
def limit_range_below_a_size(world: World, chance: Random) -> Heal:
    """A LimitRange that refuses what some workload has by now, and not what its manifest has."""
    sizes = [c for p in world.etcd.all("podsizes").values() for c in stored_containers(p)]
    grown = [pair for c in sizes if (pair := _limits(c)) and pair[0] > pair[1]]
    if not grown or world.etcd.all("limitranges"):
        return None
    now, came = chance.choice(grown)
    item = {"type": "Container", "max": {"cpu": f"{(now + came) // 2}m"}}
    world.create("limitranges", shapes.limit_range(item))
    return lambda: world.cluster.delete("limitranges", shapes.NAMESPACE, "limits")


@perturbation()
def quota_shrinks(world: World, chance: Random) -> Heal:
    """A quota with about as much as is used, or less."""
    name = chance.choice(["requests.cpu", "limits.cpu"])
    used = limits.in_use(world.etcd.all("pods"), shapes.NAMESPACE)[name]
    hard = {name: f"{int(used * chance.choice([0.7, 1.0, 1.1, 1.3, 1.8]))}m"}
    if world.etcd.all("resourcequotas"):
        world.person("PATCH", "resourcequotas", "quota", {"spec": {"hard": hard}})
    else:
        world.create("resourcequotas", shapes.quota(hard))
    return None


@perturbation()
def neighbours_come(world: World, chance: Random) -> Heal:
    """Pods of others fill the nodes."""
    asked = {"cpu": chance.choice(["500m", "1"]), "memory": "256Mi"}
    name = f"neighbour{world.etcd.version}"
    world.apps[name] = world.apps.get("filler") or next(iter(world.apps.values()))
    containers = [shapes.container("main", asked, asked)]
    found = shapes.workload("Deployment", name, chance.choice([2, 4]), containers, {})
    world.create("deployments", found)
    return lambda: world.cluster.delete("deployments", shapes.NAMESPACE, name)


@perturbation()
def large_node_goes(world: World, chance: Random) -> Heal:
    """The node with the most room is gone, and the pods on it."""
    nodes = world.etcd.all("nodes")
    if len(nodes) < 2:
        return None
    _, name = max(nodes, key=lambda k: (nodes[k]["status"]["allocatable"]["cpu"], k))
    return node_leaves(world, name)


@perturbation()
def node_down(world: World, chance: Random) -> Heal:
    """A kubelet is silent: its node is NotReady after a while, its pods are not Ready."""
    name = chance.choice(sorted(n for _, n in world.etcd.all("nodes")))
    world.kubelets.down.add(name)
    world.timeline.after(40.0, lambda: world.kubelets.lost(name))
    return lambda: world.kubelets.found(name)


@perturbation()
def size_too_small_to_live(world: World, chance: Random) -> Heal:
    """A size by hand with less memory than the program needs."""
    owner = chance.choice(world.owners())
    hand = {"name": "main", "requests": {"memory": "8Mi"}, "limits": {"memory": "8Mi"}}
    with suppress(KubeError):
        path = path_of("podsizes", *podsize_key(owner))
        world.api.call("PATCH", path, {"spec": {"containers": [hand]}})
    return None


def stored_containers(podsize: Json) -> list[ContainerSize]:
    """The containers of the size in a PodSize."""
    found = podsize_of(podsize)
    return [*found.status.size.containers] if found and found.status.size else []


def _limits(c: ContainerSize) -> tuple[int, int] | None:
    now, came = c.size.limits.cpu, c.basis.limits.cpu
    return None if now is None or came is None else (now, came)


def node_leaves(world: World, name: str) -> Heal:
    """A node and all that is on it."""
    world.cluster.delete("nodes", "", name)
    for (space, pod), found in list(world.etcd.all("pods").items()):
        if found["spec"].get("nodeName") == name:
            world.cluster.delete("pods", space, pod, gracePeriodSeconds=0)
    return None


def between(world: World, chance: Random, part: Literal["requests", "limits"]) -> int | None:
    """CPU that some workload's manifest is below, and its size above; None: none has grown."""
    sizes = [c for p in world.etcd.all("podsizes").values() for c in stored_containers(p)]
    pairs = [(getattr(c.basis, part).cpu, getattr(c.size, part).cpu) for c in sizes]
    grown = [(came, now) for came, now in pairs if came and now and now > came]
    if not grown:
        return None
    came, now = chance.choice(grown)
    return (int(came) + int(now)) // 2
