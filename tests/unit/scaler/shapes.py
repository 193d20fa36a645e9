"""Nodes and pods for the tests of fit, as the API server would send them."""

from typing import Any

import msgspec

from kube import objects
from store.model import Resources, Size

Json = dict[str, Any]


def node(
    name: str, cpu: str = "4", *, memory: str = "8Gi", pods: str = "110", **spec: Any
) -> objects.Node:
    labels = {"kubernetes.io/hostname": name, **spec.pop("labels", {})}
    ready = spec.pop("ready", "True")
    status = {
        "allocatable": {"cpu": cpu, "memory": memory, "pods": pods, "ephemeral-storage": "10Gi"},
        "conditions": [{"type": "Ready", "status": ready}],
    }
    found = {"metadata": {"name": name, "labels": labels}, "spec": spec, "status": status}
    return msgspec.convert(found, objects.Node)


def pod(name: str, on: str | None, cpu: str = "1", **spec: Any) -> objects.Pod:
    container = {"name": "main", "resources": {"requests": {"cpu": cpu, "memory": "1Gi"}}}
    meta = {"name": name, "namespace": "shop", "uid": name, "labels": {"app": "web"}}
    meta |= spec.pop("metadata", {})
    status = {"phase": spec.pop("phase", "Running")}
    found = {
        "metadata": meta,
        "spec": {"nodeName": on, "containers": [container], **spec},
        "status": status,
    }
    return msgspec.convert(found, objects.Pod)


def cpus(millicores: int) -> dict[str, Size]:
    return {"main": Size(Resources(cpu=millicores))}


def requests(name: str, **amounts: str) -> Json:
    return {
        "name": name,
        "resources": {"requests": {k.replace("_", "-"): v for k, v in amounts.items()}},
    }
