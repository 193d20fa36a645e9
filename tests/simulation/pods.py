"""What controllers do with pods: create, count, and choose which to delete."""

import hashlib

import msgspec

from kube import timestamps
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json, controller_uid
from tests.simulation.eviction import ready
from tests.simulation.routes import KINDS

COST = "controller.kubernetes.io/pod-deletion-cost"


def active(pod: Json) -> bool:
    """Whether an owner still counts it."""
    phase = pod["status"].get("phase")
    return phase not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]


def available(pod: Json) -> bool:
    """Ready and not going (controllers count minReadySeconds as 0: only we wait for it)."""
    return ready(pod) and "deletionTimestamp" not in pod["metadata"]


def reference(owner: Json) -> Json:
    """The controller reference to an owner."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def failure(cluster: Cluster, owner: Json, message: str) -> Json:
    """The condition of an owner whose pod was refused; of the same failure the first one stays."""
    for held in (owner.get("status") or {}).get("conditions") or ():
        if held["type"] == "ReplicaFailure":
            return dict(held)
    return {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": message,
        "lastTransitionTime": timestamps.text(cluster.timeline.now),
    }


def make(cluster: Cluster, owner: Json, *, name: str = "", labels: Json | None = None) -> Json:
    """A pod from the owner's template. Raises KubeError where admission refuses it."""
    template = owner["spec"]["template"]
    meta = template.get("metadata") or {}
    own: Json = {
        "labels": {**(meta.get("labels") or {}), **(labels or {})},
        "ownerReferences": [reference(owner)],
    }
    if meta.get("annotations"):
        own["annotations"] = meta["annotations"]
    own |= {"name": name} if name else {"generateName": owner["metadata"]["name"] + "-"}
    body = {"metadata": own, "spec": template["spec"]}
    return cluster.api.create(KINDS["pods"], owner["metadata"]["namespace"], body)


def claimed(cluster: Cluster, owner: Json) -> list[Json]:
    """The owner's pods, after adopting those that match and have no controller."""
    meta, wanted = owner["metadata"], selector(owner)
    for (namespace, _), pod in list(cluster.all("pods").items()):
        theirs = pod["metadata"]
        if namespace != meta["namespace"] or controller_uid(pod) or not active(pod):
            continue
        if wanted.items() <= (theirs.get("labels") or {}).items():
            others = [r for r in theirs.get("ownerReferences") or () if r["uid"] != meta["uid"]]
            mine = {**theirs, "ownerReferences": [*others, reference(owner)]}
            cluster.api.write({**pod, "metadata": mine})
    mine_now = cluster.api.etcd.controlled("pods", meta["uid"])
    for pod in mine_now:
        if not wanted.items() <= (pod["metadata"].get("labels") or {}).items():
            _release(cluster, pod, meta["uid"])
    return [p for p in cluster.api.etcd.controlled("pods", meta["uid"])]


def selector(owner: Json) -> Json:
    """The labels that an owner selects by: as matchLabels, or plainly (ReplicationController)."""
    found = owner["spec"].get("selector") or {}
    if owner["kind"] == "ReplicationController":
        return dict(found or owner["spec"]["template"]["metadata"]["labels"])
    return dict(found.get("matchLabels") or {})


def rank(pod: Json) -> tuple[bool, int, bool, int, str, str]:
    """Which pod is deleted first when there are too many.

    Unscheduled, Pending, not Ready, of the lowest deletion cost, the newest.
    """
    phase = {"Pending": 0, "Unknown": 1, "Running": 2}.get(pod["status"].get("phase", ""), 0)
    made = pod["metadata"]["creationTimestamp"]
    newest = "".join(chr(255 - ord(c)) for c in made)
    meta = pod["metadata"]
    cost = int((meta.get("annotations") or {}).get(COST, 0))
    return bool(pod["spec"].get("nodeName")), phase, ready(pod), cost, newest, meta["name"]


def fingerprint(template: Json) -> str:
    """A template's hash, as in the names of ReplicaSets and revisions."""
    return hashlib.sha256(msgspec.json.encode(template)).hexdigest()[:10]


def _release(cluster: Cluster, pod: Json, uid: str) -> None:
    meta = pod["metadata"]
    left = [r for r in meta["ownerReferences"] if r["uid"] != uid]
    cluster.api.write({**pod, "metadata": {**meta, "ownerReferences": left}})
