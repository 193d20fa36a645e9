"""The scheduler: requests against allocatable, taints, selectors, affinity to a node by name.

Of pods that repel each other, no two are on one node.
"""

from tests.simulation import quantities
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json, once
from tests.simulation.quantities import amount

_CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
Room = tuple[int, int, int]


def sync(cluster: Cluster, pod: Json) -> None:
    """Give a pod without a node the one with most CPU left, or say that none fits."""
    if pod["spec"].get("nodeName") or "deletionTimestamp" in pod["metadata"]:
        return
    if pod["status"].get("phase") != "Pending":
        return
    nodes, meta = cluster.all("nodes"), pod["metadata"]
    free = fitting(pod, nodes, cluster.all("pods"))
    if not free:
        message = (
            f"0/{len(nodes)} nodes are available: Insufficient cpu or memory, or not selected."
        )
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
        }
        cluster.api.write({**pod, "status": {**pod["status"], "conditions": [condition]}})
        cluster.unplaced(pod)
        cluster.queue("pods", (meta["namespace"], meta["name"]), cluster.chance.uniform(3.0, 9.0))
        return
    best = max(cpu for cpu, _, _ in free.values())
    chosen = cluster.chance.choice([n for n in free if free[n][0] == best])
    scheduled = {"type": "PodScheduled", "status": "True"}
    status = {**pod["status"], "conditions": [scheduled]}
    cluster.api.write({**pod, "spec": {**pod["spec"], "nodeName": chosen}, "status": status})


def rooms(nodes: dict[tuple[str, str], Json], pods: dict[tuple[str, str], Json]) -> dict[str, Room]:
    """CPU, memory and pods that are left on each node."""
    free = {}
    for (_, name), node in nodes.items():
        free[name] = _allocatable(node)
    for pod in pods.values():
        node_name = pod["spec"].get("nodeName")
        if node_name in free and pod["status"].get("phase") not in ("Succeeded", "Failed"):
            cpu, memory = quantities.requests(pod)
            left = free[node_name]
            free[node_name] = (left[0] - cpu, left[1] - memory, left[2] - 1)
    return free


@once
def _allocatable(node: Json) -> Room:
    have = node["status"]["allocatable"]
    return (
        amount("cpu", have["cpu"]),
        amount("memory", have["memory"]),
        amount("pods", have["pods"]),
    )


def nodes_for(pod: Json, nodes: dict[tuple[str, str], Json]) -> list[str]:
    """The nodes that would be considered, regardless of capacity."""
    return [name for (_, name), node in nodes.items() if allowed(pod, node)]


def fits(pod: Json, room: Room) -> bool:
    """Whether that much is enough; a resource that is not requested is never short."""
    cpu, memory = quantities.requests(pod)
    return (not cpu or cpu <= room[0]) and (not memory or memory <= room[1]) and room[2] >= 1


def fitting(
    pod: Json, nodes: dict[tuple[str, str], Json], pods: dict[tuple[str, str], Json]
) -> dict[str, Room]:
    """The nodes that have what a pod requests, beside these pods, and what is left on each."""
    free, taken = rooms(nodes, pods), _repelling(pod, pods)
    names = (name for name in nodes_for(pod, nodes) if name not in taken)
    return {name: free[name] for name in names if fits(pod, free[name])}


def _repelling(pod: Json, pods: dict[tuple[str, str], Json]) -> set[str]:
    """The nodes of pods that this one repels. All that do are of its own workload."""
    terms = (pod["spec"].get("affinity") or {}).get("podAntiAffinity") or {}
    wanted = [
        term["labelSelector"]["matchLabels"].items()
        for term in terms.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
    ]
    return {
        other["spec"].get("nodeName", "")
        for other in (pods.values() if wanted else ())
        if other["status"].get("phase") not in ("Succeeded", "Failed")
        and any(w <= (other["metadata"].get("labels") or {}).items() for w in wanted)
    }


def allowed(pod: Json, node: Json, *, ready: bool = True) -> bool:
    """Whether a pod may be on a node; `ready`: only where the node is."""
    spec = pod["spec"]
    if ready and not node_ready(node):
        return False
    if not selects(spec, node):
        return False
    tolerations = spec.get("tolerations") or []
    taints = [*(node["spec"].get("taints") or [])]
    if node["spec"].get("unschedulable"):
        taints.append(_CORDON)
    for taint in taints:
        if taint["effect"] != "PreferNoSchedule" and not _tolerated(taint, tolerations):
            return False
    return True


def selects(spec: Json, node: Json) -> bool:
    """Whether a pod's nodeSelector and required affinity leave a node."""
    labels = node["metadata"].get("labels") or {}
    if not (spec.get("nodeSelector") or {}).items() <= labels.items():
        return False
    required = required_affinity(spec)
    return required is None or any(
        all(_among({"metadata.name": node["metadata"]["name"]}, f) for f in _fields(term))
        and all(_among(labels, e) for e in term.get("matchExpressions") or ())
        for term in required["nodeSelectorTerms"]
    )


def required_affinity(spec: Json) -> Json | None:
    """The nodes that a pod must be on, as far as its affinity says so."""
    node = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    found: Json | None = node.get("requiredDuringSchedulingIgnoredDuringExecution")
    return found


def node_ready(node: Json) -> bool:
    """Whether its kubelet reports it as Ready."""
    conditions = node["status"].get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _tolerated(taint: Json, tolerations: list[Json]) -> bool:
    for t in tolerations:
        same = t.get("key") == taint["key"] and t.get("effect") in (None, "", taint["effect"])
        exists = t.get("operator") == "Exists"
        if same and (exists or t.get("value", "") == taint.get("value", "")):
            return True
    return False


def _fields(term: Json) -> list[Json]:
    return list(term.get("matchFields") or ())


def _among(labels: Json, one: Json) -> bool:
    """Whether a requirement with the operator `In` holds."""
    return labels.get(one["key"]) in one["values"]
