"""A workload with sizes by kind of node: servers, and Pis a quarter as fast."""

from typing import Any

from msgspec.structs import replace

from kube import objects, timestamps
from kube.objects.pods import ContainerState, Running
from scaler.cluster.view import View
from store import node_classes
from store.injection import inject
from store.model import Apply, ClassSize, ContainerSize, Resources, Size, Status, StoredSize
from store.records import Change
from tests.unit.scaler.builders import NGINX, NOW, asked, fingerprint, pod, view
from tests.unit.store import nodes as written
from tests.unit.store.nodes import node

AGO = written.NOW - NOW
"""Labels are written so long before the cycles of these tests, and an hour more."""
NODES = [
    node("fast-1", "server", written=AGO + 3600),
    node("fast-2", "server", written=AGO + 3600),
    node("pi-1", "pi", speed="0.25", written=AGO + 3600),
    node("pi-2", "pi", speed="0.25", written=AGO + 3600),
    node("nameless", architecture=""),
]
KNOWN = node_classes.of(NODES, NOW)


def cpu(limit: int) -> tuple[ContainerSize, ...]:
    """The thesis's container with this limit, in millicores, and half of it as the request."""
    size = Size(Resources(limit // 2), Resources(limit))
    return (ContainerSize("nginx", size, NGINX["nginx"]),)


def kept(default: int | None = None, revision: int = 3, **classes: int | None) -> StoredSize:
    """What is stored; None: the manifest's."""

    def of(limit: int | None) -> tuple[ContainerSize, ...]:
        return cpu(limit) if limit else ()

    entries = tuple(ClassSize(name, of(classes[name])) for name in sorted(classes))
    return StoredSize(revision, Apply.ALL, of(default), fingerprint(), classes=entries)


def on(name: str, *, pinned: bool = False) -> dict[str, Any]:
    """The part of a pod's spec that says where it is; `pinned`: as a DaemonSet makes it."""
    if not pinned:
        return {"nodeName": name}
    fields = [{"key": "metadata.name", "operator": "In", "values": [name]}]
    required = {"nodeSelectorTerms": [{"matchFields": fields}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
    return {"nodeName": name, "affinity": affinity}


def made(
    name: str, at: str, size: StoredSize | None, kind: str | None = None, **more: Any
) -> objects.Pod:
    """A pod as the webhook made it of the size, for that kind of node (None: the default)."""
    its = size.of_class(kind) if size else None
    pinned = more.pop("pinned", False)
    revision = more.pop("revision", size.revision if size else 0)
    return pod(
        name, inject(its, NGINX), stamp_of=(revision, NGINX), **on(at, pinned=pinned), **more
    )


def workload(*pods: objects.Pod, size: StoredSize | None = None, **more: Any) -> View:
    """The view of a workload with `per-node: "on"`; `strategy`: `recreate` by default."""
    changes: tuple[Change, ...] = more.pop("changes", ())
    settings = asked(per_node="on", strategy=more.pop("strategy", "recreate"))
    status = more.pop("status", Status(size=size, changes=changes))
    nodes = more.pop("nodes", KNOWN)
    return replace(view(*pods, status=status, settings=settings, **more), nodes=nodes)


def running(one: objects.Pod) -> objects.Pod:
    """Its containers run with what its spec says."""
    since = Running(timestamps.text(NOW - 600))
    found = [
        objects.ContainerStatus(
            c.name, ready=True, state=ContainerState(since), resources=c.resources
        )
        for c in one.spec.containers
    ]
    return replace(one, status=replace(one.status, container_statuses=found))
