"""The disruption controller: what each PodDisruptionBudget allows just now."""

from math import ceil

from tests.simulation import pods
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json
from tests.simulation.eviction import selects
from tests.simulation.routes import OWNERS


def sync(cluster: Cluster, budget: Json) -> None:
    """One look at a budget's pods."""
    meta, spec = budget["metadata"], budget["spec"]
    mine = [
        p
        for (namespace, _), p in cluster.all("pods").items()
        if namespace == meta["namespace"]
        and selects(spec.get("selector"), p["metadata"].get("labels") or {})
        and p["status"].get("phase") not in ("Succeeded", "Failed")
    ]
    expected = _expected(cluster, mine)
    # Pods that an eviction has charged for are gone or going: they are no longer healthy.
    healthy = sum(pods.available(p) for p in mine)
    if spec.get("minAvailable") is not None:
        desired = _share(spec["minAvailable"], expected)
    else:
        desired = max(0, expected - _share(spec.get("maxUnavailable", 1), expected))
    status = {
        "observedGeneration": meta["generation"],
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "disruptionsAllowed": max(0, healthy - desired),
    }
    cluster.api.write({**budget, "status": status})


def _expected(cluster: Cluster, mine: list[Json]) -> int:
    """The owners' desired replicas in total; each counted once, Deployments for ReplicaSets."""
    owners: dict[str, int] = {}
    for pod in mine:
        for reference in pod["metadata"].get("ownerReferences") or ():
            if reference.get("controller"):
                found = _scale(cluster, pod["metadata"]["namespace"], reference)
                owners |= found
    return sum(owners.values())


def _scale(cluster: Cluster, namespace: str, reference: Json) -> dict[str, int]:
    owner = cluster.api.etcd.get(OWNERS[reference["kind"]], (namespace, reference["name"]))
    if owner is None:
        return {}
    above = [r for r in owner["metadata"].get("ownerReferences") or () if r.get("controller")]
    if reference["kind"] == "ReplicaSet" and above:
        return _scale(cluster, namespace, above[0])
    if reference["kind"] == "DaemonSet":
        return {reference["uid"]: (owner.get("status") or {}).get("desiredNumberScheduled", 0)}
    return {reference["uid"]: owner["spec"].get("replicas", 1)}


def _share(value: int | str, of: int) -> int:
    return value if isinstance(value, int) else ceil(of * int(value.rstrip("%")) / 100)
