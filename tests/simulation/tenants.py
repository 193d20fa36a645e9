"""A second namespace, in one small cluster of ten: a tenant that nobody else should hear of.

| workload | what it is                                                                      |
| -------- | ------------------------------------------------------------------------------- |
| m0       | enrolled like any other, and busy from some time on                             |
| m1       | a busy ReplicationController that another controller makes (a DeploymentConfig) |

Drawn apart from everything else, so that a seed without it is the world that it was.
"""

from functools import partial
from random import Random

from store.annotations import PREFIX
from tests.simulation import shapes
from tests.simulation.apps import App
from tests.simulation.etcd import Json
from tests.simulation.world import World

NAMESPACE = "market"
TENANT = "tenant"
"""What `world.perturbed` has where there is one."""
_SHARE = 0.1
_KINDS = {
    "Deployment": "deployments",
    "ReplicationController": "replicationcontrollers",
    "StatefulSet": "statefulsets",
}
_MIB = 1024 * 1024


def drawn(seed: int) -> bool:
    """Whether a seed's cluster has one, if it is a small one."""
    return Random(f"{seed}/market").random() < _SHARE


def build(world: World) -> None:
    """Its namespace and workloads."""
    chance = world.source["tenant"]
    world.perturbed.add(TENANT)
    world.create("namespaces", shapes.namespace(NAMESPACE))
    for name, kind in (("m0", chance.choice([*_KINDS])), ("m1", "ReplicationController")):
        one, two = {"cpu": "100m", "memory": "64Mi"}, {"cpu": "200m", "memory": "128Mi"}
        texts = {PREFIX + "mode": "auto"}
        containers = [shapes.container("main", one, two)]
        made = shapes.workload(kind, name, 2, containers, {"annotations": texts})
        meta: Json = {**made["metadata"], "namespace": NAMESPACE}
        if name == "m1":
            meta["ownerReferences"] = [_CONFIG]
        app = world.apps[name] = App(name, {"main": 50.0}, 40 * _MIB)
        world.create(_KINDS[kind], {**made, "metadata": meta})
        busy = partial(app.demand.update, main=chance.choice([300.0, 1000.0]))
        world.timeline.after(chance.uniform(30.0, 200.0), busy)


_CONFIG: Json = {
    "apiVersion": "apps.openshift.io/v1",
    "kind": "DeploymentConfig",
    "name": "m1",
    "uid": "uid-config",
    "controller": True,
}
