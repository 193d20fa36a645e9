"""Nodes as the API server sends them, for the tests of their classes."""

from typing import Any

import msgspec

from kube import objects, timestamps
from store.annotations import NODE_CLASS, SPEED

Json = dict[str, Any]
NOW = 1_800_000_000.0


def node(name: str, kind: str | None = None, **about: Any) -> objects.Node:
    """`kind`: its label, written `written` seconds ago; `age`: the node's, in seconds."""
    labels: Json = {"kubernetes.io/hostname": name, **about.get("labels", {})}
    fields = []
    if kind is not None:
        labels[NODE_CLASS] = kind
        fields.append(_label_written(about.get("written", 3600.0)))
    notes = {SPEED: about["speed"]} if "speed" in about else {}
    meta = {
        "name": name,
        "labels": labels,
        "annotations": notes,
        "creationTimestamp": timestamps.text(NOW - about.get("age", 86_400.0)),
        "managedFields": [*fields, _kubelet()],
    }
    info = {"architecture": about.get("architecture", "amd64"), "osImage": "Debian"}
    return msgspec.convert({"metadata": meta, "status": {"nodeInfo": info}}, objects.Node)


def _label_written(ago: float) -> Json:
    return {
        "manager": "kubectl-label",
        "operation": "Update",
        "time": timestamps.text(NOW - ago),
        "fieldsV1": {"f:metadata": {"f:labels": {f"f:{NODE_CLASS}": {}}}},
    }


def _kubelet() -> Json:
    """What a kubelet has written just now: no label of ours."""
    return {
        "manager": "kubelet",
        "operation": "Update",
        "time": timestamps.text(NOW),
        "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/arch": {}}}},
    }
