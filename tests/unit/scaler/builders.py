"""One workload as the scaler sees it, built from the few values that a case is about.

Everything is decoded from JSON as the API server would send it, and every status that is "written"
goes through JSON and back, so that no test holds a value that no cluster could.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.enrolment import enrolment
from scaler.annotations.options import BadAnnotation, Settings
from scaler.cluster import manifest
from scaler.cluster.view import View
from scaler.policies.table import NAMES
from store import annotations, stamp
from store.codec import PodSizeJson, podsize_from_json, status_to_json
from store.injection import inject
from store.model import (
    Apply,
    ContainerSize,
    PodSize,
    Resources,
    Size,
    Sizes,
    Status,
    StoredSize,
    Workload,
)
from store.naming import object_name
from store.sizes import size_to_json

Json = dict[str, Any]
Pair = tuple[int | None, int | None]

NOW = timestamps.seconds("2026-11-23T20:30:00Z") or 0.0
LONG_AGO = "2026-11-23T12:00:00Z"
MI = 1024**2
OWNER = "owner-uid"


def size(cpu: Pair = (250, 500), memory: Pair = (64, 128)) -> Size:
    """Requests and limits in millicores and MiB; the thesis's container by default."""
    request, limit = (None if m is None else m * MI for m in memory)
    return Size(Resources(cpu[0], request), Resources(cpu[1], limit))


NGINX = {"nginx": size()}
DOUBLED = size((500, 1000))


def stored(
    revision: int = 1,
    sizes: Sizes | None = None,
    *,
    came: Sizes = NGINX,
    **more: Any,
) -> StoredSize:
    """A stored size of these containers (doubled nginx), CPU only; `came`: the manifest's."""
    made = [
        ContainerSize(n, Size(Resources(s.requests.cpu), Resources(s.limits.cpu)), came[n])
        for n, s in (sizes or {"nginx": DOUBLED}).items()
    ]
    size = StoredSize(revision, Apply.ALL, tuple(made), fingerprint(came))
    return replace(size, **more)


def fingerprint(sizes: Sizes = NGINX) -> str:
    """Of the template that gives these sizes."""
    return manifest.fingerprint(owner(sizes).spec.template.spec)


def containers(sizes: Sizes) -> list[Json]:
    """As in a pod's spec."""
    return [{"name": n, "resources": size_to_json(s)} for n, s in sizes.items()]


def pod(
    name: str = "web-1",
    sizes: Sizes = NGINX,
    *,
    stamp_of: tuple[int, Sizes] | None = None,
    **more: Any,
) -> objects.Pod:
    """A Ready pod. `stamp_of`: the revision that the webhook saw, and what the pod came with."""
    meta: Json = {
        "name": name,
        "namespace": "shop",
        "generation": more.pop("generation", 1),
        "uid": more.pop("uid", f"uid-{name}"),
        "creationTimestamp": more.pop("created", LONG_AGO),
        "labels": {"app": "web", **more.pop("labels", {})},
        "ownerReferences": [
            {"kind": "RC", "name": "web", "uid": more.pop("of", OWNER), "controller": True}
        ],
    }
    if stamp_of is not None:
        revision, came = stamp_of
        meta["annotations"] = {
            annotations.SIZE_REVISION: str(revision),
            annotations.BASIS: stamp.write(came),
        }
    if more.pop("going", False):
        meta["deletionTimestamp"] = timestamps.text(NOW)
    ready = {"type": "Ready", "status": "True" if more.pop("ready", True) else "False"}
    ready["lastTransitionTime"] = more.pop("since", LONG_AGO)
    init = more.pop("init", {})
    inits = [{**c, **init[c["name"]]} for c in containers(sizes) if c["name"] in init]
    spec = {"containers": [c for c in containers(sizes) if c["name"] not in init]}
    spec |= {"initContainers": inits} if inits else {}
    status = {"phase": more.pop("phase", "Running"), "conditions": [ready]}
    return msgspec.convert(
        {"metadata": meta, "spec": {**spec, **more}, "status": status}, objects.Pod
    )


def injected(name: str, size: StoredSize | None, came: Sizes = NGINX, **more: Any) -> objects.Pod:
    """A pod as it is after the webhook gave it the size."""
    revision = size.revision if size else 0
    return pod(name, inject(size, came), stamp_of=(revision, came), **more)


def owner(sizes: Sizes = NGINX, replicas: int = 2, **more: Any) -> objects.Owner:
    """The workload's object; `spec`, `status`, `template` and `annotations` are added to."""
    template: Json = {
        "metadata": {"annotations": more.pop("on_template", {})},
        "spec": {"containers": containers(sizes), **more.pop("template", {})},
    }
    meta = {
        "name": "web",
        "namespace": "shop",
        "uid": OWNER,
        "generation": 1,
        "annotations": more.pop("annotations", {}),
        **more.pop("metadata", {}),
    }
    found = {
        "metadata": meta,
        "spec": {"replicas": replicas, "template": template, **more.pop("spec", {})},
        "status": {"observedGeneration": 1, **more.pop("status", {})},
    }
    assert not more, more
    return msgspec.convert(found, objects.Owner)


def asked(**values: str) -> Settings | BadAnnotation | None:
    """What annotations ask for: `cpu_max__nginx="2"` is `podtailor.io/cpu-max.nginx: "2"`."""
    return enrolment(ours({"mode": "auto", **values}), None, None, NAMES)


def ours(values: Mapping[str, str]) -> dict[str, str]:
    """Our annotations by their short names."""
    names = {k: k.replace("__", ".", 1).replace("_", "-") for k in values}
    return {annotations.PREFIX + names[k]: v for k, v in values.items()}


AUTO = asked()
EMPTY = Status()


def workload(kind: str = "ReplicationController") -> Workload:
    return Workload("v1" if kind == "ReplicationController" else "apps/v1", kind, "shop", "web")


def podsize(status: Status = EMPTY, *, by_hand: Sequence[ContainerSize] = ()) -> PodSize:
    """An owned PodSize whose status has been through JSON."""
    w = workload()
    body = {
        "metadata": {"name": object_name(w), "namespace": "shop", "resourceVersion": "7"},
        "spec": {"workloadRef": {"apiVersion": "v1", "kind": w.kind, "name": w.name}},
        "status": status_to_json(status),
    }
    made = podsize_from_json(msgspec.json.decode(msgspec.json.encode(body), type=PodSizeJson))
    assert made.status == status, "a status that JSON does not hold"
    return replace(made, owned=True, by_hand=tuple(by_hand))


def hand(
    name: str = "nginx", cpu: Pair = (None, None), memory: Pair = (None, None)
) -> ContainerSize:
    """A size set by hand."""
    return ContainerSize(name, size(cpu, memory))


def by_hand_of(limit: int) -> ContainerSize:
    """A CPU limit of nginx by hand, in millicores, and half of it as the request."""
    return hand("nginx", (limit // 2, limit))


def view(
    *pods: objects.Pod,
    status: Status = EMPTY,
    by_hand: Sequence[ContainerSize] = (),
    settings: Settings | BadAnnotation | None = AUTO,
    **more: Any,
) -> View:
    """A workload with these pods, two of the thesis's by default."""
    made = pods or (pod("web-1"), pod("web-2"))
    kind = more.pop("kind", "ReplicationController")
    whose = more.pop("whose", None) or owner(replicas=len(made))
    kept = replace(podsize(status, by_hand=by_hand), workload=workload(kind))
    return View(workload(kind), whose, settings, more.pop("kept", kept), made, **more)
