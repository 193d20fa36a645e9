"""Worlds of unlike nodes: kinds by label and by architecture, fast and slow, known and mistyped.

Drawn apart from everything else, so that a seed without it is the world that it was.

| what                                      | how often                                            |
| ----------------------------------------- | ---------------------------------------------------- |
| nodes                                     | 4 to 6, in one world of eight 19 of as many kinds    |
| `podtailor.io/node-class`                 | half of the nodes; else `amd64` or `arm64`, and some |
|                                           | say neither                                          |
| `podtailor.io/speed`                      | half of the nodes, a third of them mistyped          |
| what a node is really worth               | the same for all of its kind, whatever it says       |
| `podtailor.io/per-node: "on"`             | four workloads of five                               |
| `podtailor.io/strategy: resize`           | three of five                                        |
| DaemonSets                                | one of three                                         |
| pods that select one kind of node         | a quarter of the others                              |
| a wait for halvings as short as in a tide | every other world of few kinds; in the others pods   |
|                                           | are moved about at the end (moving.py)               |
"""

from random import Random

from store.annotations import NODE_CLASS, PREFIX, SPEED
from tests.simulation import shapes
from tests.simulation.etcd import Json
from tests.simulation.world import World

PER_NODE = PREFIX + "per-node"
_STRATEGY = PREFIX + "strategy"
_MODE = PREFIX + "mode"
WORTH = {"amd64": 1.0, "arm64": 0.5, "pi": 0.25, "old": 0.7}
"""Share of the fastest: the same work takes more CPU time there. Of others: 1."""
SAID = ("1", "0.5", "0.25", "2", "4")
WRONG = ("fast", "0", "-1", "1e9", "", "0.001", "50%")
KINDS = ("pi", "pi", "old")


def drawn(seed: int) -> bool:
    """Whether a seed's nodes are unlike: 19, 44, 69, 94 …"""
    return seed % 25 == 19


def crowded(seed: int) -> bool:
    """Whether there are more kinds of node than count."""
    return Random(f"{seed}/kinds").random() < 0.125


def tidal(seed: int) -> bool:
    """Whether halvings come soon; else pods are moved about at the end."""
    return not crowded(seed) and Random(f"{seed}/unlike tide").random() < 0.5


def nodes(world: World) -> None:
    """The cluster's nodes."""
    seed, chance = world.source.seed, world.source["unlike nodes"]
    for number in range(19 if crowded(seed) else chance.randint(4, 6)):
        kind = f"kind-{number:02}" if crowded(seed) else chance.choice(KINDS)
        labels = {NODE_CLASS: kind} if crowded(seed) or chance.random() < 0.5 else {}
        architecture = chance.choice(["amd64", "amd64", "arm64", "arm64", ""])
        said = chance.choice(SAID if chance.random() < 0.67 else WRONG)
        marks = {SPEED: said} if chance.random() < 0.5 else {}
        cpu, memory = chance.choice([("2", "4Gi"), ("4", "8Gi"), ("4", "8Gi")])
        join(world, shapes.node(f"node-{number}", cpu, memory), labels | marks, architecture)


def join(world: World, node: Json, labels: Json, architecture: str) -> None:
    """A node comes, with what it says of itself."""
    meta, status = node["metadata"], node["status"]
    info = {"nodeInfo": {"architecture": architecture}} if architecture else {}
    arch = {"kubernetes.io/arch": architecture} if architecture else {}
    labels = {**meta["labels"], **arch, **labels}
    world.create("nodes", {**node, "metadata": {**meta, "labels": labels}, "status": status | info})
    kind = labels.get(NODE_CLASS) or architecture
    world.kubelets.counters.speeds[meta["name"]] = WORTH.get(kind, 1.0)


def kind_of_owner(seed: int, name: str, usual: str) -> str:
    """The kind of a workload."""
    apart = drawn(seed) and Random(f"{seed}/{name}/unlike kind").random() < 0.3
    return "DaemonSet" if apart else usual


def draw(seed: int, name: str, more: Json, kind: str) -> None:
    """Add what one workload of such a seed asks for."""
    if not drawn(seed):
        return
    chance, texts = Random(f"{seed}/{name}/unlike"), more["annotations"]
    texts[_MODE] = "auto" if chance.random() < 0.9 else texts.get(_MODE, "auto")
    if chance.random() < 0.8:
        texts[PER_NODE] = "on"
    if chance.random() < 0.6:
        texts[_STRATEGY] = "resize"
    if kind == "DaemonSet" or chance.random() > 0.25:
        return
    selector = chance.choice([{NODE_CLASS: "pi"}, {"kubernetes.io/arch": "arm64"}])
    term = {"key": NODE_CLASS, "operator": "In", "values": ["pi"]}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [term]}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    asked = {"nodeSelector": selector} if chance.random() < 0.5 else {"affinity": affinity}
    more["podSpec"] = {**more.get("podSpec", {}), **asked}
