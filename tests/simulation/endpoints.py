"""The EndpointSlice controller: which pods a Service leads to, and which of them are ready."""

from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Json
from tests.simulation.eviction import ready
from tests.simulation.routes import KINDS


def sync(cluster: Cluster, service: Json) -> None:
    """One look at a Service's pods; one slice for each Service."""
    meta, wanted = service["metadata"], service["spec"]["selector"]
    points = [
        {
            "targetRef": {"kind": "Pod", "uid": p["metadata"]["uid"]},
            "conditions": {"ready": ready(p) and "deletionTimestamp" not in p["metadata"]},
        }
        for (namespace, _), p in sorted(cluster.all("pods").items())
        if namespace == meta["namespace"]
        and wanted.items() <= (p["metadata"].get("labels") or {}).items()
    ]
    labels = {"kubernetes.io/service-name": meta["name"]}
    held = cluster.api.etcd.get("endpointslices", (meta["namespace"], meta["name"]))
    if held is None:
        body = {"metadata": {"name": meta["name"], "labels": labels}, "endpoints": points}
        cluster.api.create(KINDS["endpointslices"], meta["namespace"], body)
    else:
        cluster.api.write({**held, "endpoints": points})
