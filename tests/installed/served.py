"""One pod behind a Service, clients that call it continuously, and sizes that it cannot live with.

For tests of requests during a replacement. The server exits at once on SIGTERM; it is Ready only a
while after its start, so that a gap of that length would be noticed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from kube.objects import Pod
from store.model import Workload
from tests.e2e.workloads import Json, Shop, container, manifest, sized, until
from tests.load.client import Load, Tally

READY_AFTER = 4
PAUSE = 0.01
"""Seconds that a client rests between two requests. At full speed requests fail where nothing
changes at all: 7 of 13,960, and 0.83 s without an answer, from SYNs that had to be sent again."""
_SERVE = """
trap 'exit 0' TERM
mkdir -p /tmp/www; echo hello > /tmp/www/index.html; /bin/busybox httpd -f -p 80 -h /tmp/www & wait
"""


def served(seconds: int = READY_AFTER, **resources: Json) -> Json:
    """A container that is Ready after that many seconds."""
    made = container(**(resources or sized("100m", "200m")))
    made["command"] = ["/bin/busybox", "sh", "-c", _SERVE]
    made["readinessProbe"]["initialDelaySeconds"] = seconds
    return made


def serving(
    shop: Shop, kind: str = "ReplicationController", *, budget: bool = True, **spec: object
) -> Workload:
    """One pod behind a Service, and a budget that allows no eviction."""
    spec = {"replicas": 1, "containers": [served()], **spec}
    workload = shop.create(manifest(kind, **spec))  # type: ignore[arg-type]
    body: Json = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}
    body["spec"]["ports"] = [{"port": 80}]
    shop.gateway.post(f"/api/v1/namespaces/{shop.namespace}/services", body)
    if budget:
        no_eviction(shop)
    return workload


def no_eviction(shop: Shop) -> None:
    """A budget that allows none of `web`."""
    none: Json = {"metadata": {"name": "web"}, "spec": {"maxUnavailable": 0}}
    none["spec"]["selector"] = {"matchLabels": {"app": "web"}}
    path = f"/apis/policy/v1/namespaces/{shop.namespace}/poddisruptionbudgets"
    shop.gateway.post(path, none)


@contextmanager
def loaded(shop: Shop) -> Iterator[Tally]:
    """Four clients of the Service while the block runs."""
    path = f"/api/v1/namespaces/{shop.namespace}/services/web"
    address = msgspec.json.decode(shop.gateway.get(path))["spec"]["clusterIP"]
    load = Load(address, 80, clients=4, pause=PAUSE).start()
    try:
        until(lambda: sum(load.tally.answered.values()) > 100, 20)
        load.tally.begin()
        yield load.tally
    finally:
        load.stop()


def pending(shop: Shop) -> tuple[Workload, Json]:
    """A pod with an ephemeral volume, of which there is one: the fit check cannot know that."""
    name, size = f"scratch-{shop.namespace}", {"storage": "1Mi"}
    volume: Json = {
        "storageClassName": name,
        "accessModes": ["ReadWriteOnce"],
        "capacity": size,
        "persistentVolumeReclaimPolicy": "Delete",
        "hostPath": {"path": f"/tmp/{name}", "type": "DirectoryOrCreate"},
    }
    shop.gateway.post("/api/v1/persistentvolumes", {"metadata": {"name": name}, "spec": volume})
    asked = {
        "storageClassName": name,
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": size},
    }
    ephemeral = {"volumeClaimTemplate": {"spec": asked}}
    pod = {"volumes": [{"name": "scratch", "ephemeral": ephemeral}]}
    return serving(shop, pod=pod), {"name": "app", **sized("150m", "300m")}


def crash_looping(shop: Shop) -> tuple[Workload, Json]:
    """A size with which the program exits at once."""
    made = served()
    limit = {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}
    made["env"] = [{"name": "LIMIT", "valueFrom": limit}]
    made["command"][-1] = f"[ $LIMIT = 400 ] && exit 1; {made['command'][-1]}"
    return serving(shop, containers=[made]), {"name": "app", **sized("200m", "400m")}


def everything(shop: Shop) -> list[Pod]:
    """All pods of the namespace, drained ones without labels included."""

    class Pods(msgspec.Struct):
        items: list[Pod]

    raw = shop.gateway.get(f"/api/v1/namespaces/{shop.namespace}/pods")
    return msgspec.json.decode(raw, type=Pods).items


def untouched(shop: Shop, uid: str) -> bool:
    """Whether only that pod exists, owned by its own controller again and never restarted."""
    pods = everything(shop)
    return len(pods) == 1 and _is_as_it_was(pods[0], uid)


def _is_as_it_was(pod: Pod, uid: str) -> bool:
    controller = pod.metadata.controller()
    restarts = [s.restart_count for s in pod.status.container_statuses or ()]
    return (pod.metadata.uid, restarts) == (uid, [0]) and (
        controller is not None and controller.kind == "ReplicationController"
    )
