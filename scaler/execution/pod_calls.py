"""The calls about one pod, each with its UID and resource version: whoever wrote meanwhile wins.

Each can be made as a dry run: then everybody who has a say is asked, and nothing is done.
"""

from typing import TypeVar

import msgspec

from kube import kinds, objects
from kube.gateway import Gateway
from scaler.model import HandOver
from store.model import PODSIZE
from store.naming import object_name

_T = TypeVar("_T")


class _List(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw] = []


POD = msgspec.json.Decoder(objects.Pod)
_LIST = msgspec.json.Decoder(_List)


def patch(gateway: Gateway, pod: objects.Pod, *, dry: bool = False, **metadata: object) -> bytes:
    """Change fields of its metadata. Raises KubeError."""
    body = {"metadata": {**_as_seen(pod), **metadata}}
    return gateway.patch(_path(pod), body, **({"dryRun": "All"} if dry else {}))


def end(gateway: Gateway, pod: objects.Pod, *, dry: bool = False) -> None:
    """Delete it. Raises KubeError."""
    options: dict[str, object] = {"preconditions": _as_seen(pod)}
    if dry:
        options["dryRun"] = ["All"]  # beside options in the body the server reads no query
    gateway.delete(_path(pod), options)


def handed(action: HandOver, pod: objects.Pod) -> list[object]:
    """Its owners once its PodSize is its controller."""
    ours = {
        "apiVersion": PODSIZE.api_version,
        "kind": PODSIZE.name,
        "name": object_name(action.workload),
        "uid": action.podsize,
        "controller": True,
    }
    return [ours, *(plain(r, controlling=False) for r in pod.metadata.owner_references or ())]


def plain(reference: objects.OwnerReference, *, controlling: bool | None = None) -> object:
    """As JSON, with everything that it said."""
    said = {
        "apiVersion": reference.api_version,
        "kind": reference.kind,
        "name": reference.name,
        "uid": reference.uid,
        "controller": reference.controller if controlling is None else controlling,
        "blockOwnerDeletion": reference.block_owner_deletion,
    }
    return {name: value for name, value in said.items() if value is not None}


def listed(gateway: Gateway, path: str, kind: type[_T]) -> list[_T]:
    """The objects of a collection. Raises KubeError."""
    decode = msgspec.json.Decoder(kind).decode
    return [decode(item) for item in _LIST.decode(gateway.get(path)).items]


def _as_seen(pod: objects.Pod) -> dict[str, str]:
    return {"uid": pod.metadata.uid, "resourceVersion": pod.metadata.resource_version}


def _path(pod: objects.Pod) -> str:
    return kinds.POD.path(pod.metadata.namespace, pod.metadata.name)
