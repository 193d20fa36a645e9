"""ReplicationControllers and ReplicaSets: the desired number of pods, of whatever template."""

from kube.errors import KubeError
from tests.simulation import pods
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json


def sync(cluster: Cluster, owner: Json) -> None:
    """One look. Raises KubeError where a pod is refused; what was made until then stays."""
    alive = [p for p in pods.claimed(cluster, owner) if pods.active(p)]
    wanted = owner["spec"].get("replicas", 1)
    if "deletionTimestamp" in owner["metadata"]:
        return
    failure = None
    try:
        for _ in range(wanted - len(alive)):
            pods.make(cluster, owner)
        for pod in sorted(alive, key=pods.rank)[: max(0, len(alive) - wanted)]:
            cluster.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
    except KubeError as e:
        failure = e
        raise
    finally:
        _tell(cluster, owner, failure)


def _tell(cluster: Cluster, owner: Json, failure: KubeError | None) -> None:
    meta = owner["metadata"]
    alive = [p for p in cluster.api.etcd.controlled("pods", meta["uid"]) if pods.active(p)]
    ready = sum(pods.available(p) for p in alive)
    status = {
        "observedGeneration": meta["generation"],
        "replicas": len(alive),
        "readyReplicas": ready,
        "availableReplicas": ready,
    }
    if failure:
        status["conditions"] = [pods.failure(cluster, owner, str(failure))]
    cluster.api.write({**owner, "status": status})
