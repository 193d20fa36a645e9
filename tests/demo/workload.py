"""The experiment's workload: a ReplicationController of two nginx pods, 250m/500m, a Service.

Nothing in the manifests refers to podtailor. The image is the embedded cluster's own unless
`DEMO_IMAGE` names another one (with `CLUSTER=current`, for example `nginx:1`).
"""

import os
from collections.abc import Mapping

import msgspec

from kube.errors import KubeError
from kube.gateway import Gateway
from kube.objects import Pod

NAME = "web"
KIND = "ReplicationController"
PORT = 80
IMAGE = os.environ.get("DEMO_IMAGE", "localhost/podtailor-test/nginx:1")


def namespace(gateway: Gateway) -> str:
    """A new namespace for the experiment."""
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "demo-"}}
    made = msgspec.json.decode(gateway.post("/api/v1/namespaces", body))
    return str(made["metadata"]["name"])


def create(gateway: Gateway, space: str, where: Mapping[str, object] | None = None) -> str:
    """Create both; the Service's address. `where`: fields of the pods that say on which nodes."""
    base = f"/api/v1/namespaces/{space}"
    gateway.post(f"{base}/replicationcontrollers", _controller(where or {}))
    made = msgspec.json.decode(gateway.post(f"{base}/services", _service()))
    return str(made["spec"]["clusterIP"])


def opt_in(gateway: Gateway, space: str) -> None:
    """Do what a user does with one `kubectl annotate`."""
    gateway.patch(
        f"/api/v1/namespaces/{space}/replicationcontrollers/{NAME}",
        {"metadata": {"annotations": {"podtailor.io/mode": "auto"}}},
    )


IN_PLACE = "500m"
RAISED = "1"
"""CPU limits: the one that pods get in place by hand, and what a load step makes of it."""


def change_in_place(gateway: Gateway, space: str) -> None:
    """Set another size by hand, the manifest's, which the pods get without being replaced."""
    _annotate(gateway, space, strategy="resize")
    _by_hand(gateway, space, {"requests": {"cpu": "250m"}, "limits": {"cpu": IN_PLACE}})


def leave_to_the_agent(gateway: Gateway, space: str) -> None:
    """No size by hand any more; a container that runs into its limit is raised at once, once."""
    _annotate(gateway, space, burst="on", **{"cpu-max": RAISED})
    _by_hand(gateway, space, None)


def change_by_eviction(gateway: Gateway, space: str) -> None:
    """Set another size by hand, for which the pods are evicted."""
    gone = {"strategy": None, "burst": None, "cpu-max": None}
    _annotate(gateway, space, disruption="evict", **gone)
    _by_hand(gateway, space, {"requests": {"cpu": "400m"}, "limits": {"cpu": "800m"}})


def _annotate(gateway: Gateway, space: str, **annotations: str | None) -> None:
    named = {f"podtailor.io/{name}": value for name, value in annotations.items()}
    path = f"/api/v1/namespaces/{space}/replicationcontrollers/{NAME}"
    gateway.patch(path, {"metadata": {"annotations": named}})


def _by_hand(gateway: Gateway, space: str, size: Mapping[str, object] | None) -> None:
    containers = [] if size is None else [{"name": "nginx", **size}]
    gateway.patch(
        f"/apis/podtailor.io/v1alpha1/namespaces/{space}/podsizes/{KIND.lower()}-{NAME}",
        {"spec": {"containers": containers}},
    )


def pods(gateway: Gateway, space: str) -> list[Pod]:
    """Its current pods."""

    class Pods(msgspec.Struct):
        items: list[Pod]

    path = f"/api/v1/namespaces/{space}/pods?labelSelector=app%3D{NAME}"
    return msgspec.json.decode(gateway.get(path), type=Pods).items


def remove(gateway: Gateway, space: str) -> None:
    """Delete everything, including the namespace."""
    try:
        gateway.delete(f"/api/v1/namespaces/{space}")
    except KubeError as e:
        print(f"the namespace {space} was not removed: {e}")


def _controller(where: Mapping[str, object]) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": KIND,
        "metadata": {"name": NAME},
        "spec": {
            "replicas": 2,
            "selector": {"app": NAME},
            "template": {
                "metadata": {"labels": {"app": NAME}},
                "spec": {
                    "terminationGracePeriodSeconds": 5,
                    **where,
                    "containers": [
                        {
                            "name": "nginx",
                            "image": IMAGE,
                            "ports": [{"containerPort": PORT}],
                            "resources": {
                                "requests": {"cpu": "250m", "memory": "64Mi"},
                                "limits": {"cpu": "500m", "memory": "128Mi"},
                            },
                            "readinessProbe": {
                                "tcpSocket": {"port": PORT},
                                "periodSeconds": 1,
                            },
                        }
                    ],
                },
            },
        },
    }


def _service() -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": {"selector": {"app": NAME}, "ports": [{"port": PORT, "targetPort": PORT}]},
    }
