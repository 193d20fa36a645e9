"""AdmissionReviews and PodSizes for the tests, in the shapes that a real API server sends."""

import base64
import json
from typing import Any

import msgspec

from store.codec import PodSizeJson, podsize_from_json
from store.model import PodSize, Workload
from webhook import review as review_module
from webhook.answer import answer

Object = dict[str, Any]
UID = "0a3e1c9e-6f3c-4bfb-9a6f-0c4a7f3f9b11"
RELEASE = "podtailor-system"


def container(name: str = "nginx", **resources: Object) -> Object:
    """A container; `requests=` and `limits=`."""
    return {
        "name": name,
        "image": "registry.test/nginx:1.29",
        "resources": dict(resources),
        "terminationMessagePath": "/dev/termination-log",
        "imagePullPolicy": "IfNotPresent",
        "volumeMounts": [{"name": "kube-api-access", "mountPath": "/var/run/secrets"}],
    }


NGINX = container(
    requests={"cpu": "250m", "memory": "64Mi"}, limits={"cpu": "500m", "memory": "128Mi"}
)


def owner(kind: str = "ReplicationController", name: str = "web", group: str = "v1") -> Object:
    """A controller reference."""
    return {
        "apiVersion": group,
        "kind": kind,
        "name": name,
        "uid": "f1",
        "controller": True,
        "blockOwnerDeletion": True,
    }


def pod(*containers: Object, **metadata: Any) -> Object:
    """A pod of ReplicationController web; by default with the one container NGINX."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": "web-",
            "labels": {"app": "web"},
            "ownerReferences": [owner()],
            "managedFields": [{"manager": "kube-controller-manager", "fieldsV1": {"f:spec": {}}}],
            **metadata,
        },
        "spec": {
            "volumes": [{"name": "kube-api-access", "projected": {"sources": []}}],
            "containers": list(containers) or [NGINX],
            "restartPolicy": "Always",
            "serviceAccountName": "default",
        },
        "status": {},
    }


def review(made: object, **request: Any) -> bytes:
    """The AdmissionReview of the creation of `made`, as the API server sends it."""
    asked = {
        "uid": UID,
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "namespace": "shop",
        "operation": "CREATE",
        "userInfo": {"username": "system:serviceaccount:kube-system:replication-controller"},
        "object": made,
        "oldObject": None,
        "dryRun": False,
        "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        **request,
    }
    return json.dumps(
        {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": asked}
    ).encode()


DOUBLED: Object = {
    "name": "nginx",
    "requests": {"cpu": "500m", "memory": "64Mi"},
    "limits": {"cpu": "1", "memory": "128Mi"},
    "basis": {
        "requests": {"cpu": "250m", "memory": "64Mi"},
        "limits": {"cpu": "500m", "memory": "128Mi"},
    },
}


def podsize(*containers: Object, revision: int = 3, **ref: str) -> Object:
    """The PodSize of ReplicationController web; `revision` 0: without a size."""
    ref = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web", **ref}
    size = {"revision": revision, "apply": "all", "containers": list(containers)}
    return {
        "apiVersion": "podtailor.io/v1alpha1",
        "kind": "PodSize",
        "metadata": {"name": f"{ref['kind'].lower()}-{ref['name']}", "namespace": "shop"},
        "spec": {"workloadRef": ref},
        "status": {"size": size if revision else {}},
    }


def operations(answer: bytes) -> list[Object]:
    """The patch in an answer, which must be well formed and allow the pod."""
    document = json.loads(answer)
    assert (document["apiVersion"], document["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response = document["response"]
    assert response["allowed"] is True
    if "patch" not in response:
        assert "patchType" not in response
        return []
    assert response["patchType"] == "JSONPatch"
    patch: list[Object] = json.loads(base64.b64decode(response["patch"]))
    assert patch
    return patch


class Store:
    """PodSizes from their JSON, looked up as the cache does it."""

    def __init__(self, *podsizes: Object) -> None:
        read = [podsize_from_json(msgspec.convert(p, PodSizeJson)) for p in podsizes]
        self._held = {p.workload: p for p in read}

    def get(self, workload: Workload) -> PodSize | None:
        """The PodSize of a workload."""
        return self._held.get(workload)

    def named(self, key: tuple[str, str]) -> PodSize | None:
        """The PodSize of a (namespace, name)."""
        return next((p for w, p in self._held.items() if (w.namespace, p.name) == key), None)


def answered(body: bytes, *podsizes: Object) -> tuple[str, list[Object]]:
    """Outcome and patch for a review, the store holding these."""
    read = review_module.read(body)
    if isinstance(read, review_module.Refusal):
        return read.outcome, []
    result = answer(read, Store(*podsizes), RELEASE)
    return result.outcome, operations(review_module.write(read.uid, result.operations))
