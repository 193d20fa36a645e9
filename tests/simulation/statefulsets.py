"""StatefulSets: pods by name and in order, one after the other; updated from the last ordinal."""

from tests.simulation import pods
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json

_HASH = "controller-revision-hash"


def sync(cluster: Cluster, owner: Json) -> None:
    """One look: at most one pod is made or removed."""
    meta, spec = owner["metadata"], owner["spec"]
    update = f"{meta['name']}-{pods.fingerprint(spec['template'])}"
    cluster.templates[update] = spec["template"]
    status = owner.get("status") or {}
    if not status.get("currentRevision"):
        status = {**status, "currentRevision": update}
    mine = {ordinal(p): p for p in pods.claimed(cluster, owner)}
    try:
        _step(cluster, owner, mine, {**status, "updateRevision": update})
    finally:
        _tell(cluster, owner, update, status)


def ordinal(pod: Json) -> int:
    """The number at the end of its name."""
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _step(cluster: Cluster, owner: Json, mine: dict[int, Json], status: Json) -> None:
    namespace, spec = owner["metadata"]["namespace"], owner["spec"]
    wanted = spec.get("replicas", 1)
    for number in range(wanted):
        pod = mine.get(number)
        if pod is not None and pod["status"].get("phase") in ("Failed", "Succeeded"):
            cluster.delete("pods", namespace, pod["metadata"]["name"])
            return
        if pod is None:
            _make(cluster, owner, number, mine, status)
            return
        if not pods.available(pod):
            return
    for number in sorted(mine, reverse=True):
        if number >= wanted:
            cluster.delete("pods", namespace, mine[number]["metadata"]["name"])
            return
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return
    partition = (strategy.get("rollingUpdate") or {}).get("partition", 0)
    for number in sorted(mine, reverse=True):
        pod = mine[number]
        if number >= partition and pod["metadata"]["labels"][_HASH] != status["updateRevision"]:
            cluster.delete("pods", namespace, pod["metadata"]["name"])
            return


def _make(cluster: Cluster, owner: Json, number: int, mine: dict[int, Json], status: Json) -> None:
    """A pod that comes back while an update is on its way has its old template back."""
    update, current = status["updateRevision"], status["currentRevision"]
    old = cluster.templates.get(current)
    still = sum(p["metadata"]["labels"][_HASH] == current for p in mine.values())
    if update != current and number < still and old is not None:
        spec = {**owner["spec"], "template": old}
        owner, update = {**owner, "spec": spec}, current
    name = f"{owner['metadata']['name']}-{number}"
    pods.make(cluster, owner, name=name, labels={_HASH: update})


def _tell(cluster: Cluster, owner: Json, update: str, status: Json) -> None:
    meta = owner["metadata"]
    mine = [p for p in cluster.api.etcd.controlled("pods", meta["uid"]) if pods.active(p)]
    updated = sum(p["metadata"]["labels"][_HASH] == update for p in mine)
    current = status["currentRevision"]
    ready = sum(pods.available(p) for p in mine)
    if updated == len(mine) == owner["spec"].get("replicas", 1) and ready == len(mine):
        current = update
    reported = {
        "observedGeneration": meta["generation"],
        "replicas": len(mine),
        "readyReplicas": ready,
        "currentRevision": current,
        "updateRevision": update,
        "updatedReplicas": updated,
    }
    fresh = cluster.api.etcd.get("statefulsets", (meta["namespace"], meta["name"]))
    if fresh is not None:
        cluster.api.write({**fresh, "status": reported})
