"""What the cluster's objects say about a workload, read here and not by the product's readers.

Whoever judges the scaler must not ask the scaler's own modules what is true. Shared with it is only
`store`: what a size does to a pod is the definition of the promise, not its keeping.
"""

from collections.abc import Mapping

import msgspec

from kube import quantity, timestamps
from store import amounts, stamp
from store.annotations import BASIS, PREFIX, SIZE_REVISION
from store.codec import PodSizeJson, podsize_from_json
from store.injection import governed, inject
from store.model import ContainerSize, PodSize, Size, Sizes, StoredSize, Workload
from store.naming import object_name
from store.qos import changes_class
from store.sizes import size_from_json
from tests.simulation import resizing
from tests.simulation.etcd import Etcd, Json, Key, once
from tests.simulation.pods import available
from tests.simulation.routes import OWNERS

_FINISHED = ("Succeeded", "Failed")
_LINGERS = 58.0
"""Seconds, less what rounded times hide, for which a pod that is going is waited for."""


@once
def sizes_of(pod: Json) -> Sizes:
    """What each container has."""
    return {c["name"]: size_from_json(c.get("resources") or {}) for c in pod["spec"]["containers"]}


@once
def has(pod: Json) -> Sizes:
    """What each container has by its kubelet's word: another size only after a resize in place."""
    if not resizing.undone(pod):
        return sizes_of(pod)
    return {name: size_from_json(had) for name, had in resizing.actual(pod).items()}


@once
def came_with(pod: Json) -> Sizes:
    """What each container came to the webhook with: its stamp, else what it has."""
    text = (pod["metadata"].get("annotations") or {}).get(BASIS)
    had = sizes_of(pod)
    return {**had, **{n: s for n, s in stamp.read(text).items() if n in had}} if text else had


def arrived(pod: Json, size: StoredSize | None) -> Sizes:
    """What it came with, also where that is not to be seen any more.

    Without a stamp and resized since, it is taken to have come with the basis of the size, as far
    as the size names the resource: what somebody gave it of others is not ours to undo.
    """
    came, stamped = came_with(pod), BASIS in (pod["metadata"].get("annotations") or {})
    if stamped or size is None or resizing.asked_last(pod) is None:
        return came
    return {**came, **{c.name: _basis(c, came[c.name]) for c in size.containers if c.name in came}}


def _basis(stored: ContainerSize, came: Size) -> Size:
    for resource in ("cpu", "memory"):
        if governed(stored.size, resource):
            came = amounts.with_pair(came, resource, *stored.basis.pair(resource))
    return came


def made_at(pod: Json) -> float:
    """When the pod was created, by the API server's clock."""
    return timestamps.seconds(pod["metadata"].get("creationTimestamp")) or 0.0


def revision_of(pod: Json) -> int | None:
    """The stamped revision; None where the pod never passed our webhook."""
    text = (pod["metadata"].get("annotations") or {}).get(SIZE_REVISION)
    return None if text is None else int(text)


def as_stored(pod: Json, size: StoredSize | None, owner: Json | None = None) -> bool:
    """Whether a pod has what the store would give it; `owner`: only where changes replace pods."""
    had, wanted = has(pod), inject(size, arrived(pod, size))
    return all(had[c] == wanted[c] for c in had if owner is None or _replaced_for(owner, c))


def podsize_of(obj: Json | None) -> PodSize | None:
    """A PodSize, typed."""
    return None if obj is None else _podsize(obj)


def size_of(podsize: PodSize | None) -> StoredSize | None:
    """What a PodSize says pods should have, where there is one and it says so."""
    return podsize.status.size if podsize else None


def workload_of(owner: Json) -> Workload:
    """The workload that an owner is."""
    meta = owner["metadata"]
    return Workload(owner["apiVersion"], owner["kind"], meta["namespace"], meta["name"])


@once
def podsize_key(owner: Json) -> Key:
    """Where an owner's PodSize is."""
    return owner["metadata"]["namespace"], object_name(workload_of(owner))


def owner_of(etcd: Etcd, obj: Json) -> Json | None:
    """The workload that a pod belongs to: its controller, or the Deployment above that."""
    for reference in obj["metadata"].get("ownerReferences") or ():
        if reference.get("controller") and reference["kind"] in OWNERS:
            key = (obj["metadata"]["namespace"], reference["name"])
            found = etcd.get(OWNERS[reference["kind"]], key)
            if found and found["metadata"]["uid"] != reference["uid"]:
                return None  # another of the same name: the garbage collector has this one
            if found and found["kind"] == "PodSize":
                ref = found["spec"]["workloadRef"]
                return etcd.get(OWNERS[ref["kind"]], (key[0], ref["name"]))
            return found and (owner_of(etcd, found) or found)
    return None


def held(obj: Json) -> str:
    """The UID of the PodSize that holds a pod; "" where none does."""
    for reference in obj["metadata"].get("ownerReferences") or ():
        if reference.get("controller") and reference["kind"] == "PodSize":
            return str(reference["uid"])
    return ""


def podsize_for(etcd: Etcd, owner: Json | None) -> PodSize | None:
    """An owner's PodSize."""
    return podsize_of(etcd.get("podsizes", podsize_key(owner))) if owner else None


def pods_of(owner: Json, pods: Mapping[Key, Json], sets: Mapping[Key, Json]) -> list[Json]:
    """An owner's pods that are not finished, those that are going among them."""
    uids = {owner["metadata"]["uid"]}
    if owner["kind"] == "Deployment":
        uids = {s["metadata"]["uid"] for s in sets.values() if _controller(s) in uids}
    return [
        p
        for p in pods.values()
        if _controller(p) in uids and p["status"].get("phase") not in _FINISHED
    ]


def lingers(pod: Json, now: float) -> bool:
    """Whether its deletion was asked for more than a minute ago: nobody waits for it."""
    meta = pod["metadata"]
    end = timestamps.seconds(meta.get("deletionTimestamp"))
    return end is not None and now - (end - meta.get("deletionGracePeriodSeconds", 0)) > _LINGERS


def wanted(owner: Json) -> int:
    """How many pods there should be."""
    if owner["kind"] == "DaemonSet":
        return int((owner.get("status") or {}).get("desiredNumberScheduled", 0))
    return int(owner["spec"].get("replicas", 1))


def healthy(owner: Json, pods: list[Json]) -> bool:
    """Whether all pods are there and Ready, and none is going."""
    return len(pods) >= wanted(owner) and all(available(p) for p in pods)


def ready_since(pod: Json) -> float | None:
    """When it became Ready, or not Ready, by its node's clock."""
    for condition in pod["status"].get("conditions") or ():
        if condition["type"] == "Ready":
            return timestamps.seconds(condition.get("lastTransitionTime"))
    return None


def killed(pod: Json) -> bool:
    """Whether the last end of one of its containers was a kill for want of memory."""
    ends = [
        (c.get("state") or {}).get("terminated") or (c.get("lastState") or {}).get("terminated")
        for c in pod["status"].get("containerStatuses") or ()
    ]
    return any(end and end["reason"] == "OOMKilled" for end in ends)


def ever_killed(pod: Json) -> bool:
    """Whether any of its containers was, as far as its status goes back."""
    ends = [
        (c.get(part) or {}).get("terminated")
        for c in pod["status"].get("containerStatuses") or ()
        for part in ("state", "lastState")
    ]
    return any(end and end["reason"] == "OOMKilled" for end in ends)


def annotation(owner: Json, short: str) -> str | None:
    """One of our annotations of a workload, else of its template."""
    template = owner["spec"]["template"].get("metadata") or {}
    for texts in (owner["metadata"].get("annotations") or {}, template.get("annotations") or {}):
        if PREFIX + short in texts:
            return str(texts[PREFIX + short])
    return None


def cpu_max(owner: Json, container: str) -> int | None:
    """A container's own maximum in millicores, else the workload's."""
    text = annotation(owner, f"cpu-max.{container}") or annotation(owner, "cpu-max")
    return None if text is None else quantity.cpu(text)


def refused_for_class(pod: Json, size: StoredSize | None) -> bool:
    """Whether a size would change the pod's QoS class, other than by taking a limit away."""
    came = arrived(pod, size)
    return changes_class(came, inject(size, came))


def unplaced(pod: Json) -> bool:
    """Whether the scheduler has found no node for it."""
    conditions = pod["status"].get("conditions") or ()
    return not pod["spec"].get("nodeName") and any(
        c.get("reason") == "Unschedulable" for c in conditions
    )


def mode_of(owner: Json, container: str) -> str | None:
    """A container's own mode, else the workload's; a workload that is not enrolled has none."""
    mode = annotation(owner, "mode")
    return mode if mode in (None, "off") else annotation(owner, f"mode.{container}") or mode


def _replaced_for(owner: Json, container: str) -> bool:
    return mode_of(owner, container) == "auto"


def _controller(obj: Json) -> str:
    for reference in obj["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            return str(reference["uid"])
    return ""


@once
def _podsize(obj: Json) -> PodSize:
    return podsize_from_json(msgspec.convert(obj, PodSizeJson))


def images(pod: Json) -> dict[str, str]:
    """Those of the containers of a pod, or of a template, by container."""
    return {c["name"]: c.get("image", "") for c in pod["spec"]["containers"]}
