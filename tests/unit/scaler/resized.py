"""Pods that were resized in place, as the API server shows them."""

from typing import Any

import msgspec

from kube import objects, timestamps
from scaler.cluster.resizes import MANAGER
from store.model import Sizes
from store.sizes import size_to_json
from tests.unit.scaler.builders import NGINX, NOW, pod

DEFERRED = ("PodResizePending", "Deferred", "Node didn't have enough resource: cpu")
INFEASIBLE = ("PodResizePending", "Infeasible", "Node didn't have enough capacity: cpu")
ACTING = ("PodResizeInProgress", "", "")
FAILING = ("PodResizeInProgress", "Error", "cannot decrease memory limits")
Said = tuple[str, str, str] | None


def resized(  # noqa: PLR0913 (what a pod shows)
    name: str,
    asked: Sizes,
    has: Sizes = NGINX,
    said: Said = None,
    *,
    by: str = MANAGER,
    ago: float = 5.0,
    **more: Any,
) -> objects.Pod:
    """A running pod of node `node` that was asked to have other values so many seconds ago."""
    generation = more.pop("generation", 2)
    of = more.pop("observed", generation)
    made = pod(name, asked, generation=generation, nodeName="node", **more)
    meta = [{"manager": "kubelet", "subresource": "status", "time": timestamps.text(NOW)}]
    meta += [{"manager": by, "subresource": "resize", "time": timestamps.text(NOW - ago)}]
    metadata = msgspec.structs.replace(
        made.metadata, managed_fields=msgspec.convert(meta, list[objects.ManagedFields])
    )
    status = msgspec.structs.replace(
        made.status,
        conditions=[*(made.status.conditions or ()), *_conditions(said, of)],
        container_statuses=[_status(n, size_to_json(s)) for n, s in has.items()],
    )
    return msgspec.structs.replace(made, metadata=metadata, status=status)


def _conditions(said: Said, generation: int) -> list[objects.Condition]:
    if said is None:
        return []
    kind, reason, message = said
    return [objects.Condition(kind, "True", reason, message, observed_generation=generation)]


def _status(name: str, resources: dict[str, dict[str, str]]) -> objects.ContainerStatus:
    body = {
        "name": name,
        "ready": True,
        "state": {"running": {"startedAt": timestamps.text(NOW - 600)}},
        "resources": resources,
        "allocatedResources": resources.get("requests", {}),
    }
    return msgspec.convert(body, objects.ContainerStatus)
