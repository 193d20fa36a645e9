"""The scheduler's preemption: a pod that fits nowhere pushes out pods of lower priority.

The node is the one where the fewest have to go, and of those the least important ones. While they
are going the pod waits. Budgets are not asked, as the real scheduler asks them only where it can.
"""

from tests.simulation import scheduling
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json, Key


def priority(pod: Json) -> int:
    """What admission has given it."""
    return int(pod["spec"].get("priority") or 0)


def victims(pod: Json, nodes: dict[Key, Json], pods: dict[Key, Json]) -> list[Key]:
    """Which pods it would push out, as few as are enough; none where that does not help."""
    found = [_on(pod, name, nodes, pods) for name in scheduling.nodes_for(pod, nodes)]
    return min((keys for keys in found if keys), key=len, default=[])


def push_out(cluster: Cluster, pod: Json) -> list[Key]:
    """Let it; whose pods are going already is not asked again."""
    pods = cluster.all("pods")
    gone = victims(pod, cluster.all("nodes"), pods) if priority(pod) else []
    fresh = [key for key in gone if "deletionTimestamp" not in pods[key]["metadata"]]
    for key in fresh:
        target = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}
        found = pods[key]
        conditions = [*(found["status"].get("conditions") or ()), target]
        cluster.api.write({**found, "status": {**found["status"], "conditions": conditions}})
        cluster.delete("pods", *key)
    return fresh


def _on(pod: Json, node: str, nodes: dict[Key, Json], pods: dict[Key, Json]) -> list[Key]:
    lower = [
        key
        for key, p in pods.items()
        if p["spec"].get("nodeName") == node and priority(p) < priority(pod)
    ]
    left, gone = dict(pods), list[Key]()
    for key in sorted(lower, key=lambda k: (priority(pods[k]), k)):
        del left[key]
        gone.append(key)
        if node in scheduling.fitting(pod, nodes, left):
            return gone
    return []
