"""What a run's cluster is made of: small, varied, and the same for the same seed.

| seed             | world                                                           |
| ---------------- | --------------------------------------------------------------- |
| ends in 99       | long: three simulated hours, so that hourly budgets are reached |
| 49, 249, 449 …   | wide: 20 workloads on 8 nodes                                   |
| 11, 36, 61 …     | tidal: loads that fall, and more than an hour for halvings      |
| 21, 46, 71 …     | small, and workloads ask for `strategy: resize` (strategy.py)   |
| 12, 37, 62 …     | the same, and nodes have agents (agents.py)                     |
| 19, 44, 69 …     | nodes are of several kinds and speeds (unlike.py)               |
| otherwise        | small: 3 workloads on 3 nodes, ten simulated minutes            |
"""

from dataclasses import dataclass
from functools import partial
from random import Random

from scaler.settings import Settings
from tests.simulation import habits, hostility, needs, shapes, strategy, tenants, unlike, waits
from tests.simulation.apps import App
from tests.simulation.etcd import Json
from tests.simulation.world import World

MIB = 1024 * 1024
PREFIX = "podtailor.io/"
_KINDS = (
    *["ReplicationController"] * 3,
    *["Deployment"] * 4,
    *["StatefulSet"] * 3,
    "ReplicaSet",
    "DaemonSet",
)
_APART = 0.06
"""Share of the workloads of which no two pods are on one node."""
_PLURAL = {
    "ReplicationController": "replicationcontrollers",
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "ReplicaSet": "replicasets",
    "DaemonSet": "daemonsets",
}
_SLOW = 80  # seconds that a slow program takes at least
_SETTLE = 25.0  # seconds from an empty cluster to one in which all pods run


@dataclass(frozen=True)
class Scale:
    """How large and how long a run is. `perturbed`: seconds in which perturbations come."""

    workloads: int
    nodes: int
    perturbed: float
    perturbations: tuple[int, int]
    interval: tuple[int, ...]


SMALL = Scale(3, 3, 400.0, (2, 6), (5, 15, 20, 30))
WIDE = Scale(20, 8, 220.0, (2, 6), (15, 20, 30))
TIDAL = Scale(3, 3, 4000.0, (3, 9), (15, 20, 30))
UNLIKE = Scale(3, 0, 700.0, (2, 5), (10, 15, 20, 30))
LONG = Scale(3, 3, 10_000.0, (60, 110), (60,))


def scale_of(seed: int) -> Scale:
    """By the table above."""
    if seed % 100 == 99:
        return LONG
    if seed % 25 == 11:
        return TIDAL
    if unlike.drawn(seed):
        return UNLIKE
    return WIDE if seed % 200 == 49 else SMALL


def build(seed: int) -> World:
    """The cluster, with its pods running and without a scaler yet."""
    scale = scale_of(seed)
    chance = Random(f"{seed}/scale")
    rare = Random(f"{seed}/ceilings")
    slow = "slow" in waits.drawn(seed)
    paced = TIDAL if unlike.drawn(seed) and unlike.tidal(seed) else scale
    settings = Settings(
        cluster_per_hour=rare.choice([60, 60, 60, 6, 12]),
        breaker_workloads=rare.choice([3, 3, 2]),
        namespace=shapes.RELEASE,
        interval=chance.choice(scale.interval),
        deployment="podtailor-scaler",
        deadline_longest=_SLOW - 10 if slow else 600,
        dry_run=chance.random() < 0.03,
        cpu_max=chance.choice([None, None, None, 2000]),
        surge=Random(f"{seed}/surge").random() < 0.7,
        halve_quiet={LONG: 1200, TIDAL: 300}.get(paced, 1800),
        track_learning={LONG: 1800, TIDAL: 600}.get(paced, 86400),
        track_pause={LONG: 600, TIDAL: 180}.get(paced, 3600),
        bursts=Random(f"{seed}/bursts").choice([3, 2, 1]),
    )
    world = World(seed, settings)
    if strategy.watched(seed):
        world.watched()
    chance = world.source["build"]
    world.gap = chance.choice([0.05, 0.5])
    world.lag = chance.choice([(0.005, 0.1), (0.005, 0.5), (0.1, 2.0), (0.5, 5.0)])
    for name in (shapes.NAMESPACE, shapes.RELEASE):
        world.create("namespaces", shapes.namespace(name))
    for number in range(scale.nodes):
        cpu, memory = chance.choice([("2", "4Gi"), ("4", "8Gi"), ("4", "8Gi"), ("8", "16Gi")])
        name = f"node-{number}"
        world.create("nodes", shapes.node(name, cpu, memory))
        world.kubelets.skew[name] = chance.choice([0.0, 0.0, 0.3, -2.0])
    if scale is UNLIKE:
        unlike.nodes(world)
    _rules(world, chance)
    if "labels" in hostility.drawn(seed):
        world.perturbed.add("hostile labels")
        world.admission.webhooks.append(hostility.relabel)
    for number in range(scale.workloads):
        _workload(world, chance, f"w{number}")
    if slow:
        world.perturbed.add("slow")
        world.apps["w0"].ready, world.apps["w0"].slow = (float(_SLOW), _SLOW + 5.0), True
    if chance.random() < 0.4:
        _filler(world, chance)
    if scale is SMALL and tenants.drawn(seed):
        tenants.build(world)
    world.add_webhooks(chance.choice([1, 2, 2, 3]))
    world.timeline.after(5.0, world.look_at_usage)
    world.timeline.pass_(_SETTLE + (4 * _SLOW if slow else 0.0))
    return world


def _rules(world: World, chance: Random) -> None:
    if chance.random() < 0.2:
        item: Json = {"type": "Container", "default": {"cpu": "1", "memory": "256Mi"}}
        if chance.random() < 0.5:
            item["max"] = {"cpu": chance.choice(["1", "2", "4"])}
        world.create("limitranges", shapes.limit_range(item))


def _workload(world: World, chance: Random, name: str) -> None:
    kind = unlike.kind_of_owner(world.source.seed, name, chance.choice(_KINDS))
    replicas = chance.choice([1, 2, 2, 3, 4])
    containers = [_container(chance, "main")]
    if chance.random() < 0.35:
        containers.append(_container(chance, "side"))
    more: Json = {"annotations": _annotations(chance, replicas, sided=len(containers) > 1)}
    if not world.settings.surge and more["annotations"].get(PREFIX + "disruption") == "delete":
        del more["annotations"][PREFIX + "disruption"]  # nobody has the right
    more["annotations"] |= _policy(world, name)
    strategy.draw(world.source.seed, name, more["annotations"], containers)
    if scale_of(world.source.seed) in (LONG, TIDAL) and chance.random() < 0.3:
        more["annotations"][PREFIX + "cpu-min"] = chance.choice(["20m", "150m"])
    if kind == "Deployment" and chance.random() < 0.3:
        more["strategy"] = chance.choice(
            [
                {"type": "Recreate"},
                {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
            ]
        )
    if kind == "Deployment" and world.source["history"].random() < 0.25:
        more["revisionHistoryLimit"] = 0
    if kind in ("StatefulSet", "DaemonSet") and chance.random() < 0.2:
        more["updateStrategy"] = {"type": "OnDelete"}
    if "hostile labels" in world.perturbed:
        more["labels"] = {hostility.TIER: hostility.SILVER}
    more |= habits.of(world.source.seed, name)
    more |= _apart(world, kind, name)
    unlike.draw(world.source.seed, name, more, kind)
    world.apps[name] = _app(chance, name, containers)
    world.create(_PLURAL[kind], shapes.workload(kind, name, replicas, containers, more))
    if world.source["services"].random() < 0.5:
        world.create("services", shapes.service(name))
    if chance.random() < 0.3:
        spec = chance.choice([{"maxUnavailable": 1}, {"minAvailable": 1}, {"maxUnavailable": 0}])
        world.create("poddisruptionbudgets", shapes.budget(name, spec))
    _load(world, chance, name, _PLURAL[kind])
    needs.draw(world, name, _PLURAL[kind], _SETTLE)
    needs.burn(world, name, often=scale_of(world.source.seed) in (LONG, TIDAL))


def _policy(world: World, name: str) -> Json:
    tracked = world.source[f"policy of {name}"].random() < 0.25
    return {PREFIX + "policy": "track"} if tracked else {}


def _container(chance: Random, name: str) -> Json:
    cpu = chance.choice([100, 200, 250, 400])
    style = chance.choice(["both", "both", "both", "limit", "request", "equal", "none"])
    one = {"cpu": f"{cpu}m", "memory": "64Mi"}
    two = {"cpu": f"{2 * cpu}m", "memory": "128Mi"}
    requests = {"both": one, "request": one, "equal": two}.get(style)
    limits = {"both": two, "limit": two, "equal": two}.get(style)
    return shapes.container(name, requests, limits)


def _apart(world: World, kind: str, name: str) -> Json:
    alone = kind != "DaemonSet" and world.source[f"{name} anti-affinity"].random() < _APART
    return {"podSpec": shapes.apart(name)} if alone else {}


def _annotations(chance: Random, replicas: int, *, sided: bool) -> Json:
    mode = chance.choice(["auto"] * 8 + ["initial", "observe", ""])
    texts = {"mode": mode} if mode else {}
    if replicas == 1 and chance.random() < 0.6:
        texts["single-replica"] = "restart"
    if chance.random() < 0.2:
        texts["limits"] = chance.choice(["keep", "none"])
    if chance.random() < 0.2:
        texts["cpu-max"] = chance.choice(["600m", "1", "2"])
    if chance.random() < 0.3:
        texts["disruption"] = chance.choice(["evict", "evict", "delete"])
    if sided and chance.random() < 0.5:
        texts["mode.side"] = chance.choice(["initial", "initial", "observe", "off"])
        texts["cpu-max.main"] = "2"
    return {PREFIX + short: value for short, value in texts.items()}


def _app(chance: Random, name: str, containers: list[Json]) -> App:
    demand = {c["name"]: chance.choice([50.0, 150.0]) for c in containers}
    app = App(name, demand, 40 * MIB)
    if chance.random() < 0.2:
        app.ready = (5.0, 40.0)
    return app


def _filler(world: World, chance: Random) -> None:
    """Pods that are not enrolled: they use up node capacity."""
    asked = {"cpu": chance.choice(["500m", "1", "1500m"]), "memory": "512Mi"}
    containers = [shapes.container("main", asked, asked)]
    world.apps["filler"] = App("filler", {"main": 100.0}, MIB)
    found = shapes.workload("Deployment", "filler", chance.choice([1, 2, 3]), containers, {})
    world.create("deployments", found)


def _load(world: World, chance: Random, name: str, plural: str) -> None:
    """Load comes and goes: the main container's demand changes a few times."""
    if needs.pinched(world, name, plural, _SETTLE):
        return
    app = world.apps[name]
    if "side" in app.demand:
        app.demand["side"] = chance.choice([50.0, 600.0])
    duration = scale_of(world.source.seed).perturbed
    if duration > 1000 and chance.random() < 0.7:
        for at, demand in shapes.nights(chance, duration, world.settings.halve_quiet):
            world.timeline.after(_SETTLE + at, partial(app.demand.update, main=demand))
        return
    changes = 2 if duration < 1000 else 12
    for number in range(changes):
        at = _SETTLE + (0.0 if number == 0 else chance.uniform(0.0, duration * 0.9))
        demand = chance.choice([50.0, 300.0, 600.0, 1200.0, 3000.0])
        world.timeline.after(at, partial(app.demand.update, main=demand))
