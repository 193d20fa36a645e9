"""A cluster in memory: a ReplicationController that creates pods, and a webhook that sizes them.

Missing pods are created at once, using the store's real injection rule.
"""

import json

import msgspec

from store import annotations, stamp
from store.codec import PodSizeJson, podsize_from_json
from store.injection import inject
from store.model import StoredSize
from store.sizes import size_from_json, size_to_json
from tests.fakes import FakeGateway, Json


class FakeCluster(FakeGateway):
    """The API server and the controllers behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = True
        """Whether the API server asks the webhook."""
        self.starts = True
        """Whether new pods get Ready."""

    def taken(self) -> None:
        self.settle()

    def changed(self, path: str) -> None:
        if "/pods/" in path:
            self.settle()

    def settle(self, ready: bool | None = None) -> None:
        """Adopt, create, remove pods as ReplicationControllers do; new ones are Ready at once."""
        ready = self.starts if ready is None else ready
        for owner in self.list("/api/v1/replicationcontrollers"):
            meta = owner["metadata"]
            path = f"/api/v1/namespaces/{meta['namespace']}/pods"
            mine = [p for p in self.list(path) if self._adopted(owner, path, p)]
            missing = owner["spec"]["replicas"] - len(mine)
            for _ in range(missing):
                self._make(owner, path, ready=ready)
            for pod in sorted(mine, key=_readiness)[: max(0, -missing)]:
                self.remove(f"{path}/{pod['metadata']['name']}")

    def _adopted(self, owner: Json, path: str, pod: Json) -> bool:
        """Whether the owner controls the pod, adopting it if possible."""
        meta = pod["metadata"]
        references = meta.get("ownerReferences") or []
        controller = next((r for r in references if r.get("controller")), None)
        if controller is not None:
            return bool(controller["uid"] == owner["metadata"]["uid"])
        if (meta.get("labels") or {}).get("of") != owner["metadata"]["name"]:
            return False
        ours = {**_reference(owner), "controller": True}
        self.set(f"{path}/{meta['name']}", {**pod, "metadata": {**meta, "ownerReferences": [ours]}})
        return True

    def dry(self, body: Json) -> Json:
        namespace, _, name = body["metadata"]["annotations"][annotations.PROBE_FOR].partition("/")
        size = self._size(namespace, name)
        stamps = (
            {annotations.SIZE_REVISION: str(size.revision if size else 0)} if self.asked else {}
        )
        return {"metadata": {"name": "probe", "annotations": stamps}, "spec": body["spec"]}

    def _make(self, owner: Json, path: str, *, ready: bool) -> None:
        meta = owner["metadata"]
        namespace, name = meta["namespace"], f"{meta['name']}-{self.version}"
        spec: Json = json.loads(json.dumps(owner["spec"]["template"]["spec"]))
        size = self._size(namespace, f"replicationcontroller-{meta['name']}")
        made: Json = {
            "name": name,
            "namespace": namespace,
            "uid": f"uid-{name}",
            "labels": {"of": meta["name"]},
            "creationTimestamp": self.clock,
            "ownerReferences": [{**_reference(owner), "controller": True}],
        }
        enrolled = f"replicationcontroller-{meta['name']}" in [
            p.rpartition("/")[2] for p in self.objects
        ]
        if self.asked and enrolled:
            came = {c["name"]: size_from_json(c["resources"]) for c in spec["containers"]}
            for c in spec["containers"]:
                c["resources"] = size_to_json(inject(size, came)[c["name"]])
            revision = str(size.revision if size else 0)
            stamps = {annotations.SIZE_REVISION: revision, annotations.BASIS: stamp.write(came)}
            made["annotations"] = stamps
        condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": self.clock}
        status = {"phase": "Running", "conditions": [condition]}
        self.set(f"{path}/{name}", {"metadata": made, "spec": spec, "status": status})

    def _size(self, namespace: str, name: str) -> StoredSize | None:
        held = self.objects.get(
            f"/apis/podtailor.io/v1alpha1/namespaces/{namespace}/podsizes/{name}"
        )
        return podsize_from_json(msgspec.convert(held, PodSizeJson)).status.size if held else None


def _readiness(pod: Json) -> bool:
    return bool(pod["status"]["conditions"][0]["status"] == "True")


def _reference(owner: Json) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
