"""Deployments: a ReplicaSet for each template, and the rolling update between them."""

from math import ceil, floor

from tests.simulation import pods
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json
from tests.simulation.routes import KINDS

_HASH = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"


def sync(cluster: Cluster, owner: Json) -> None:
    """One look."""
    meta = owner["metadata"]
    sets = cluster.api.etcd.controlled("replicasets", meta["uid"])
    digest = pods.fingerprint(owner["spec"]["template"])
    current = next((s for s in sets if s["metadata"]["labels"].get(_HASH) == digest), None)
    if current is None:
        current = _create(cluster, owner, digest, max(map(_revision, sets), default=0))
        sets = [*sets, current]
    others = [s for s in sets if s is not current]
    _annotate(cluster, owner, current)
    if owner["spec"].get("paused"):
        _tell(cluster, owner, digest)
        return
    if owner["spec"].get("strategy", {}).get("type") == "Recreate":
        _recreate(cluster, owner, current, others)
    else:
        _roll(cluster, owner, current, others)
    _tell(cluster, owner, digest)
    _forget(cluster, owner, current, others)


def _create(cluster: Cluster, owner: Json, digest: str, revision: int) -> Json:
    meta, spec = owner["metadata"], owner["spec"]
    template = spec["template"]
    labels = {**template["metadata"]["labels"], _HASH: digest}
    selected = {**spec["selector"]["matchLabels"], _HASH: digest}
    marked = {**template, "metadata": {**template["metadata"], "labels": labels}}
    annotations = {**(meta.get("annotations") or {}), _REVISION: str(revision + 1)}
    body = {
        "metadata": {
            "name": f"{meta['name']}-{digest}",
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [pods.reference(owner)],
        },
        "spec": {"replicas": 0, "selector": {"matchLabels": selected}, "template": marked},
    }
    return cluster.api.create(KINDS["replicasets"], meta["namespace"], body)


def _annotate(cluster: Cluster, owner: Json, current: Json) -> None:
    held = current["metadata"].get("annotations") or {}
    wanted = {**(owner["metadata"].get("annotations") or {}), _REVISION: held.get(_REVISION, "1")}
    if held != wanted:
        fresh = cluster.api.etcd.get("replicasets", _key(current)) or current
        cluster.api.write({**fresh, "metadata": {**fresh["metadata"], "annotations": wanted}})


def _recreate(cluster: Cluster, owner: Json, current: Json, others: list[Json]) -> None:
    for old in others:
        _scale(cluster, old, 0)
    uids = [o["metadata"]["uid"] for o in others]
    if not any(cluster.api.etcd.controlled("pods", uid) for uid in uids):
        _scale(cluster, current, owner["spec"].get("replicas", 1))


def _roll(cluster: Cluster, owner: Json, current: Json, others: list[Json]) -> None:
    wanted = owner["spec"].get("replicas", 1)
    if not any(o["spec"]["replicas"] for o in others):
        _scale(cluster, current, wanted)
        return
    rolling = owner["spec"].get("strategy", {}).get("rollingUpdate") or {}
    surge = _share(rolling.get("maxSurge", "25%"), wanted, ceil)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), wanted, floor)
    if not surge and not unavailable:
        unavailable = 1
    total = sum(s["spec"]["replicas"] for s in [current, *others])
    room = wanted + surge - total
    if current["spec"]["replicas"] < wanted and room > 0:
        _scale(cluster, current, min(wanted, current["spec"]["replicas"] + room))
    ready = sum(_available(cluster, s) for s in [current, *others])
    spare = ready - (wanted - unavailable)
    for old in sorted(others, key=lambda o: o["metadata"]["name"]):
        held = old["spec"]["replicas"]
        broken = held - _available(cluster, old)
        down = min(held, broken + max(0, min(spare, held - broken)))
        spare -= max(0, down - broken)
        _scale(cluster, old, held - down)


def _forget(cluster: Cluster, owner: Json, current: Json, others: list[Json]) -> None:
    """Old ReplicaSets beyond the history limit, once the rollout is over."""
    most = owner["spec"].get("revisionHistoryLimit", 10)
    if _available(cluster, current) < owner["spec"].get("replicas", 1):
        return
    fresh = [cluster.api.etcd.get("replicasets", _key(s)) for s in others]
    done = [
        s
        for s in fresh
        if s and not (s["spec"]["replicas"] or (s.get("status") or {}).get("replicas"))
    ]
    for old in sorted(done, key=_revision)[: max(0, len(done) - most)]:
        cluster.delete("replicasets", *_key(old))


def _revision(replica_set: Json) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(_REVISION, "0"))


def _available(cluster: Cluster, replica_set: Json) -> int:
    return sum(
        pods.available(p)
        for p in cluster.api.etcd.controlled("pods", replica_set["metadata"]["uid"])
    )


def _scale(cluster: Cluster, replica_set: Json, replicas: int) -> None:
    fresh = cluster.api.etcd.get("replicasets", _key(replica_set))
    if fresh is None or fresh["spec"]["replicas"] == replicas:
        return
    meta = {**fresh["metadata"], "generation": fresh["metadata"]["generation"] + 1}
    cluster.api.write({**fresh, "metadata": meta, "spec": {**fresh["spec"], "replicas": replicas}})


def _share(value: int | str, of: int, rounded: object) -> int:
    assert callable(rounded)
    if isinstance(value, int):
        return value
    return int(rounded(of * int(value.rstrip("%")) / 100))


def _tell(cluster: Cluster, owner: Json, digest: str) -> None:
    meta = owner["metadata"]
    sets = cluster.api.etcd.controlled("replicasets", meta["uid"])
    counts = {s["metadata"]["labels"][_HASH]: s.get("status", {}).get("replicas", 0) for s in sets}
    ready = sum(_available(cluster, s) for s in sets)
    status = {
        "observedGeneration": meta["generation"],
        "replicas": sum(counts.values()),
        "updatedReplicas": counts.get(digest, 0),
        "readyReplicas": ready,
        "availableReplicas": ready,
    }
    failures = [c for s in sets for c in s.get("status", {}).get("conditions") or ()]
    if failures:
        status["conditions"] = failures[:1]
    fresh = cluster.api.etcd.get("deployments", _key(owner))
    if fresh is not None:
        cluster.api.write({**fresh, "status": status})


def _key(obj: Json) -> tuple[str, str]:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]
