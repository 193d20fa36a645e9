"""Pods that run on a node, with the IDs of their containers."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from kube import objects, timestamps
from store.model import Sizes
from tests.unit.scaler.builders import NGINX, NOW, pod


def running(
    name: str,
    ids: Mapping[str, str],
    sizes: Sizes = NGINX,
    *,
    runs: bool = True,
    since: float = NOW - 3600.0,
) -> objects.Pod:
    """A pod on node `one`; `ids`: of its containers, by name; `since`: their start."""
    state = {"running": {"startedAt": timestamps.text(since)}} if runs else {"waiting": {}}
    statuses = [
        {"name": n, "containerID": f"containerd://{known}", "state": state}
        for n, known in ids.items()
    ]
    made = pod(name, sizes, nodeName="one")
    read = msgspec.convert(statuses, list[objects.ContainerStatus])
    return replace(made, status=replace(made.status, container_statuses=read))
