"""The workloads that the end-to-end tests size: small, quick to start, and able to burn CPU.

Each pod serves HTTP on port 80 and spins while the file /tmp/load exists in it, so a test controls
when real CPU load begins and ends.
"""

import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kube.errors import KubeError, NotFound
from kube.gateway import Gateway
from kube.kinds import OWNERS
from kube.objects import Owner, Pod
from scaler.cluster.pod_sizes import sizes_of
from store.codec import PodSizeJson, podsize_from_json
from store.model import PODSIZE, PodSize, Size, Workload
from store.naming import object_name

IMAGE = "localhost/podtailor-test/busybox:1"

_SERVE = """
mkdir -p /tmp/www; echo hello > /tmp/www/index.html; /bin/busybox httpd -p 80 -h /tmp/www
spin() { while :; do
  if [ -e /tmp/load ]; then i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done
  else /bin/busybox sleep 1; fi
done; }
spin & spin & spin
"""

Json = dict[str, Any]


def container(name: str = "app", **resources: Json) -> Json:
    """One container; `resources`: requests and limits."""
    return {
        "name": name,
        "image": IMAGE,
        "command": ["/bin/busybox", "sh", "-c", _SERVE],
        "resources": resources or sized("100m", "200m"),
        "readinessProbe": {
            "exec": {"command": ["/bin/busybox", "test", "-e", "/tmp/www/index.html"]},
            "periodSeconds": 1,
        },
    }


def sized(request: str, limit: str, memory: str = "32Mi") -> Json:
    """A container's resources: the given CPU request and limit, and the same for memory."""
    return {
        "requests": {"cpu": request, "memory": memory},
        "limits": {"cpu": limit, "memory": memory},
    }


ANYWHERE: Json = {"tolerations": [{"key": "podtailor.io/test-node", "operator": "Exists"}]}
"""A pod that may be on the embedded cluster's second node, too."""
OUTGROWS: Json = {"name": "app", "requests": {"cpu": "1100m"}, "limits": {"cpu": "1200m"}}
"""A size by hand for which a node of two cores has no room once it is `crowded`."""


def crowded(shop: "Shop") -> None:
    """A pod on the first node occupies one of its two cores."""
    filler = [container(**sized("1", "1"))]
    shop.create(manifest("Deployment", "filler", replicas=1, annotations={}, containers=filler))


def manifest(kind: str, name: str = "web", *, replicas: int = 2, **spec: Any) -> Json:
    """A workload of one of the five kinds; `containers`, `annotations`, or fields of its spec."""
    labels = {"app": name}
    annotations = spec.pop("annotations", {"podtailor.io/mode": "auto"})
    pod = {
        "terminationGracePeriodSeconds": 0,
        "containers": spec.pop("containers", [container()]),
        **spec.pop("pod", {}),
    }
    selector: Json = labels if kind == "ReplicationController" else {"matchLabels": labels}
    body: Json = {"selector": selector, "template": {"metadata": {"labels": labels}, "spec": pod}}
    if kind != "DaemonSet":
        body["replicas"] = replicas
    if kind == "StatefulSet":
        body["serviceName"] = name
    return {
        "apiVersion": OWNERS[kind].api_version,
        "kind": kind,
        "metadata": {"name": name, "annotations": annotations},
        "spec": {**body, **spec},
    }


class Shop:
    """One namespace of the cluster under test, and what tests do and observe in it."""

    def __init__(self, gateway: Gateway, namespace: str) -> None:
        self.gateway = gateway
        self.namespace = namespace

    def create(self, made: Json, *, ready: bool = True) -> Workload:
        """Create a workload and wait until its pods are Ready."""
        kind, name = made["kind"], made["metadata"]["name"]
        workload = Workload(OWNERS[kind].api_version, kind, self.namespace, name)
        self.gateway.post(self._path(workload).rpartition("/")[0], made)
        if ready:
            wanted = made["spec"].get("replicas", 1)
            until(lambda: sum(p.ready for p in self.pods(name)) >= wanted, 120)
        return workload

    def owner(self, workload: Workload) -> Owner:
        """The workload's current object."""
        return msgspec.json.decode(self.gateway.get(self._path(workload)), type=Owner)

    def patch(self, workload: Workload, body: Json) -> None:
        """Apply a merge patch to the workload."""
        self.gateway.patch(self._path(workload), body)

    def annotate(self, workload: Workload, **annotations: str | None) -> None:
        """Set podtailor's annotations (`mode="auto"`); None removes one."""
        named = {"podtailor.io/" + n.replace("_", "-"): v for n, v in annotations.items()}
        self.patch(workload, {"metadata": {"annotations": named}})

    def pods(self, name: str = "web") -> list[Pod]:
        """The current pods labelled app=`name`, oldest first."""
        return self.all_pods(labelSelector=f"app={name}")

    def all_pods(self, **query: str) -> list[Pod]:
        """The current pods of the namespace, oldest first."""

        class Pods(msgspec.Struct):
            items: list[Pod]

        path = f"/api/v1/namespaces/{self.namespace}/pods"
        found = msgspec.json.decode(self.gateway.get(path, **query), type=Pods).items
        return sorted(found, key=lambda p: (p.metadata.creation_timestamp, p.metadata.name))

    def podsize(self, workload: Workload) -> PodSize | None:
        """The workload's current PodSize."""
        try:
            raw = self.gateway.get(self.podsize_path(workload))
        except NotFound:
            return None
        return podsize_from_json(msgspec.json.decode(raw, type=PodSizeJson))

    def podsize_path(self, workload: Workload) -> str:
        """The path of the workload's PodSize."""
        return PODSIZE.path(self.namespace, object_name(workload))

    def by_hand(self, workload: Workload, *containers: Json) -> None:
        """Set sizes by hand, as users do: in `spec.containers`."""
        until(lambda: self.podsize(workload) is not None, 20)
        self.gateway.patch(self.podsize_path(workload), {"spec": {"containers": [*containers]}})

    def exec(self, pod: Pod, *command: str) -> None:
        """Run a command in a pod."""
        name = pod.metadata.name
        subprocess.run(
            ["kubectl", "-n", self.namespace, "exec", name, "--", "/bin/busybox", *command],
            check=True,
            capture_output=True,
        )

    def load(self, name: str = "web") -> None:
        """Let every pod of a workload burn CPU."""
        for pod in self.pods(name):
            self.exec(pod, "touch", "/tmp/load")

    def events(self, workload: Workload) -> list[tuple[str, str, str]]:
        """Type, reason and note of the events on a workload."""

        class Events(msgspec.Struct):
            items: list[Mapping[str, Any]]

        path = f"/apis/events.k8s.io/v1/namespaces/{self.namespace}/events"
        found = msgspec.json.decode(self.gateway.get(path), type=Events).items
        about = [
            e
            for e in found
            if (e["regarding"]["kind"], e["regarding"]["name"]) == (workload.kind, workload.name)
        ]
        return [(e["type"], e["reason"], e.get("note", "")) for e in about]

    def _path(self, workload: Workload) -> str:
        return OWNERS[workload.kind].path(self.namespace, workload.name)


def sizes(pod: Pod, name: str = "app") -> Size:
    """The size of one container of a pod."""
    return sizes_of(pod)[name]


def until(holds: Callable[[], bool], seconds: float, explain: Callable[[], object] = str) -> None:
    """Wait until the condition holds. Raises AssertionError with what `explain` returns then."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except KubeError:
            pass  # the server is briefly unavailable; the deadline decides
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {explain()}")


def steadily(
    holds: Callable[[], bool], seconds: float, explain: Callable[[], object] = str
) -> None:
    """Assert that the condition holds, and keeps holding for that long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert holds(), f"no longer holds: {explain()}"
        time.sleep(0.25)
