"""What the server does with a pod after our webhook has changed it; needs the webhook to run."""

from tests.simulation.conformance.pods import container, pod
from tests.simulation.conformance.registry import Seen
from tests.simulation.conformance.target import OK, Target
from tests.simulation.etcd import Json

_RC = "replicationcontrollers"
_NAME = "replicationcontroller-web"


def limits_come_back_after_the_webhook(t: Target) -> Seen:
    """A CPU limit that the size takes away is filled in again, and may be below the request."""
    owner = _owner(t)
    stored = t.until(lambda: _stored(t))
    injected = t.until(lambda: _tried(t, owner)[1].get("requests", {}).get("cpu") == "400m")
    seen: Seen = [stored, injected, _tried(t, owner)]
    for cpu in ("500m", "300m"):
        default = {"type": "Container", "default": {"cpu": cpu}, "defaultRequest": {"cpu": "1m"}}
        t.create("limitranges", "limits", {"spec": {"limits": [default]}})
        t.rest(2.0)
        seen.append(_tried(t, owner))
        t.call("DELETE", t.path("limitranges", "limits"))
        t.rest(2.0)
    return seen


def _owner(t: Target) -> Json:
    """A typo freezes a workload: a scaler beside neither changes nor undoes its size."""
    spec = {"replicas": 0, "selector": {"app": "web"}, "template": pod()}
    body = {"metadata": {"annotations": {"podtailor.io/mode": "observ"}}, "spec": spec}
    _, made = t.create(_RC, "web", body)
    ref = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"}
    t.create("podsizes", _NAME, {"spec": {"workloadRef": ref, "containers": []}})
    return made


def _stored(t: Target) -> bool:
    """Whether the size could be written: a scaler may write at the same time."""
    basis = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
    one = {"name": "main", "requests": {"cpu": "400m"}, "basis": basis}
    held = t.get("podsizes", _NAME)
    size = {"revision": 1, "apply": "all", "containers": [one]}
    body = {**held, "status": {**held.get("status", {}), "size": size}}
    return t.call("PUT", t.path("podsizes", _NAME, "status"), body)[0] == OK


def _tried(t: Target, owner: Json) -> tuple[str, Json]:
    """How a pod of the owner would be let in, and with what."""
    body = pod(container({"cpu": "100m"}, {"cpu": "200m"}))
    reference = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"}
    uid = owner["metadata"]["uid"]
    body["metadata"]["ownerReferences"] = [{**reference, "uid": uid, "controller": True}]
    code, made = t.create("pods", "a", body, dryRun="All")
    return code, made["spec"]["containers"][0]["resources"] if made else {}
