"""DaemonSets: one pod on each node that takes it, tied to it; updated one node at a time."""

from tests.simulation import pods, scheduling
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json

_HASH = "controller-revision-hash"
_LABEL = "pod-template-generation"
_GENERATION = "deprecated.daemonset.template.generation"
_TOLERATED = (
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/unschedulable",
)


def sync(cluster: Cluster, owner: Json) -> None:
    """One look."""
    meta = owner["metadata"]
    mine = pods.claimed(cluster, owner)
    on: dict[str, list[Json]] = {}
    for pod in mine:
        on.setdefault(_node_of(pod), []).append(pod)
    wanted = [n for (_, n), node in sorted(cluster.all("nodes").items()) if _takes(owner, node)]
    try:
        for name in wanted:
            if not on.get(name):
                _make(cluster, owner, name)
        for name, found in on.items():
            surplus = found if name not in wanted else found[1:]
            for pod in surplus:
                cluster.delete("pods", meta["namespace"], pod["metadata"]["name"])
        _roll(cluster, owner)
    finally:
        _tell(cluster, owner, len(wanted))


def _make(cluster: Cluster, owner: Json, node: str) -> None:
    template = owner["spec"]["template"]
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    affinity = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}
        }
    }
    tolerations = [{"key": k, "operator": "Exists"} for k in _TOLERATED]
    tolerations += template["spec"].get("tolerations") or []
    spec = {**template["spec"], "affinity": affinity, "tolerations": tolerations}
    bound = {**owner, "spec": {**owner["spec"], "template": {**template, "spec": spec}}}
    generation = owner["metadata"]["annotations"][_GENERATION]
    labels = {_LABEL: generation, _HASH: pods.fingerprint(template)}
    pods.make(cluster, bound, labels=labels)


def _roll(cluster: Cluster, owner: Json) -> None:
    if (owner["spec"].get("updateStrategy") or {}).get("type") == "OnDelete":
        return
    meta = owner["metadata"]
    mine = cluster.api.etcd.controlled("pods", meta["uid"])
    generation = meta["annotations"][_GENERATION]
    old = [p for p in mine if p["metadata"]["labels"].get(_LABEL) != generation]
    unavailable = [p for p in old if not pods.available(p) and pods.active(p)]
    if unavailable or (old and all(pods.available(p) for p in mine)):
        name = (unavailable or old)[0]["metadata"]["name"]
        cluster.delete("pods", meta["namespace"], name)


def _takes(owner: Json, node: Json) -> bool:
    spec = owner["spec"]["template"]["spec"]
    tolerations = [{"key": k, "operator": "Exists"} for k in _TOLERATED]
    pod = {"spec": {**spec, "tolerations": [*(spec.get("tolerations") or []), *tolerations]}}
    return scheduling.allowed(pod, node, ready=False)


def _node_of(pod: Json) -> str:
    terms = pod["spec"]["affinity"]["nodeAffinity"]
    required = terms["requiredDuringSchedulingIgnoredDuringExecution"]
    return str(required["nodeSelectorTerms"][0]["matchFields"][0]["values"][0])


def _tell(cluster: Cluster, owner: Json, wanted: int) -> None:
    meta = owner["metadata"]
    mine = [p for p in cluster.api.etcd.controlled("pods", meta["uid"]) if pods.active(p)]
    generation = meta["annotations"][_GENERATION]
    updated = sum(p["metadata"]["labels"].get(_LABEL) == generation for p in mine)
    status = {
        "observedGeneration": meta["generation"],
        "desiredNumberScheduled": wanted,
        "currentNumberScheduled": len(mine),
        "updatedNumberScheduled": updated,
        "numberReady": sum(pods.available(p) for p in mine),
    }
    fresh = cluster.api.etcd.get("daemonsets", (meta["namespace"], meta["name"]))
    if fresh is not None:
        cluster.api.write({**fresh, "status": status})
