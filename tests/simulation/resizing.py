"""`PATCH pods/resize` as the API server answers it (`tests/e2e/test_model.py` asks a real one).

| asked                                                        | answer                            |
| ------------------------------------------------------------ | --------------------------------- |
| the values that the pod has                                  | 200, nothing is written           |
| other requests and limits of containers that are there       | 200, `generation` and             |
|                                                              | `managedFields` say it            |
| a container that is not there, a limit removed, another QoS  | 422                               |
| class, a request above its limit                             |                                   |
| a request removed                                            | 200, it becomes the limit         |
| more than the pod's node has at all                          | 403, cause `NodeCapacity`         |
| what a LimitRange or a ResourceQuota does not allow          | 403, in their words               |
"""

from typing import TYPE_CHECKING

from kube import timestamps
from kube.errors import Forbidden, Invalid
from tests.simulation import limits, quantities, writing
from tests.simulation.etcd import Json
from tests.simulation.quantities import RESOURCES, amount, of_container

if TYPE_CHECKING:
    from tests.simulation.apiserver import ApiServer


OURS = "podtailor"
"""The scaler's field manager."""


def resized(api: "ApiServer", held: Json, body: Json, manager: str) -> Json:
    """The pod as it is stored then. Raises KubeError."""
    writing.check_version(held, body.get("metadata", {}).get("resourceVersion"))
    writing.keeps_uid(held, writing.merged(held, {"metadata": body.get("metadata") or {}}))
    asked = {c["name"]: c.get("resources") or {} for c in body["spec"].get("containers") or ()}
    there = held["spec"]["containers"]
    if asked.keys() - {c["name"] for c in there}:
        raise Invalid(422, "Invalid", "spec.containers: Forbidden: pod updates may not add any")
    containers = [_asked(c, asked.get(c["name"], {})) for c in there]
    made = limits.defaulted({**held, "spec": {**held["spec"], "containers": containers}})
    if made["spec"] == held["spec"]:
        return held
    _validate(held, made)
    _admit(api, made)
    return _noted(held, made, manager, timestamps.text(api.now()))


def actual(pod: Json) -> dict[str, Json]:
    """What each container of a pod has by its kubelet's word, which of most pods is its spec."""
    given = {c["name"]: c.get("resources") or {} for c in pod["spec"]["containers"]}
    statuses = pod["status"].get("containerStatuses") or ()
    return {**given, **{s["name"]: s["resources"] for s in statuses if "resources" in s}}


def asked_last(pod: Json) -> Json | None:
    """Who asked for the pod's last resize, and when: an entry of its `managedFields`."""
    found = pod["metadata"].get("managedFields") or ()
    asked = [m for m in found if m.get("subresource") == "resize"]
    return max(asked, key=lambda m: str(m["time"]), default=None)


def given_by_others(pod: Json) -> bool:
    """Whether somebody else has resized it last, so that it is not ours to undo that."""
    last = asked_last(pod)
    return last is not None and last["manager"] != OURS


def undone(pod: Json) -> bool:
    """Whether its kubelet has not carried out what its spec asks for."""
    asked = {c["name"]: c.get("resources") or {} for c in pod["spec"]["containers"]}
    return asked_last(pod) is not None and asked != actual(pod)


def kept(pod: Json) -> bool:
    """Whether what was asked of its kubelet cannot be taken back: it would have a limit less."""
    had = actual(pod)
    return any(
        (container.get("resources") or {}).get(part, {}).keys()
        - (had[container["name"]].get(part) or {}).keys()
        for container in pod["spec"]["containers"]
        for part in ("requests", "limits")
    )


def not_lowered(pod: Json) -> bool:
    """Whether its kubelet is at a resize that it has not carried out, as of a memory limit that is
    below what is used."""
    conditions = {c["type"] for c in pod["status"].get("conditions") or ()}
    return undone(pod) and "PodResizeInProgress" in conditions


def _asked(container: Json, resources: Json) -> Json:
    """A strategic merge: what is not named stays, null removes."""
    return {**container, "resources": writing.merged(container.get("resources") or {}, resources)}


def _validate(held: Json, made: Json) -> None:
    for before, after in zip(held["spec"]["containers"], made["spec"]["containers"], strict=True):
        for resource in RESOURCES:
            had, has = (of_container(c, "limits", resource) for c in (before, after))
            if had is not None and has is None:
                raise Invalid(422, "Invalid", "resource limits cannot be removed")
    limits.validate(made)
    if quantities.qos(held) != quantities.qos(made):
        message = "Pod QOS Class may not change as a result of resizing"
        raise Invalid(422, "Invalid", message)


def _admit(api: "ApiServer", made: Json) -> None:
    etcd, meta = api.etcd, made["metadata"]
    node = etcd.get("nodes", ("", made["spec"].get("nodeName", "")))
    most = node["status"]["allocatable"] if node else {}
    for resource, needed in zip(RESOURCES, quantities.requests(made), strict=True):
        if needed > amount(resource, most.get(resource, "0")):
            refused = Forbidden(403, "Forbidden", "node didn't have enough allocatable resources")
            refused.causes = ("NodeCapacity",)
            raise refused
    limits.check_ranges(made, etcd.all("limitranges"))
    key = (meta["namespace"], meta["name"])
    others = {k: p for k, p in etcd.all("pods").items() if k != key}
    limits.check_quotas(made, etcd.all("resourcequotas"), others)


def _noted(held: Json, made: Json, manager: str, now: str) -> Json:
    """With a new generation, who asked, and what the kubelet has said that there is so far."""
    meta = made["metadata"]
    entry = {"manager": manager, "operation": "Update", "subresource": "resize", "time": now}
    others = [m for m in meta.get("managedFields") or () if m.get("manager") != manager]
    said = {**meta, "generation": meta.get("generation", 1) + 1, "managedFields": [*others, entry]}
    had = actual(held)
    statuses = [
        {**s, "resources": had[s["name"]]} for s in held["status"].get("containerStatuses") or ()
    ]
    status = {**held["status"], **({"containerStatuses": statuses} if statuses else {})}
    return {**made, "metadata": said, "status": status}
