"""Which workload is asked about, and what is assumed where it is not enrolled. Pure.

| the object                               | is explained                                 |
| ---------------------------------------- | -------------------------------------------- |
| enrolled, or with a PodSize of its own   | as it is                                     |
| not enrolled, or with mode `off`         | as if it had `podtailor.io/mode: auto`       |
| a Deployment's ReplicaSet                | not: its Deployment is what is sized         |
| a Job, a Pod, any other kind             | not: its pods are not sized                  |
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from kube import kinds, objects
from scaler.annotations.options import BadAnnotation, Mode, PolicyNames, Settings
from scaler.cluster.node_kinds import NodeKinds
from scaler.cluster.snapshot import Snapshot, index
from scaler.cluster.view import View
from scaler.cluster.views import views
from store.annotations import PREFIX
from store.model import PodSize, Workload
from store.naming import object_name

ASSUMED = "annotate it with podtailor.io/mode: auto"
_SHORT: Mapping[str, str] = {
    "rc": "ReplicationController",
    "rs": "ReplicaSet",
    "deploy": "Deployment",
    "sts": "StatefulSet",
    "ds": "DaemonSet",
}


class UnknownTargetError(ValueError):
    """There is no such workload; the message says why it is none."""


class NoSuchError(UnknownTargetError):
    """It does not exist."""


class Target(Struct, frozen=True):
    """`snapshot` is the cluster's, with what is assumed; `view` the workload's in it."""

    snapshot: Snapshot
    views: list[View]
    view: View
    assumed: str | None
    enrolled: str


def kind_of(text: str) -> str:
    """The kind, by its name, plural or short name in any case. Raises UnknownTargetError."""
    word = text.lower()
    named = {
        **_SHORT,
        **{name.lower(): name for name in kinds.OWNERS},
        **{kind.plural: name for name, kind in kinds.OWNERS.items()},
    }
    if word not in named:
        known = ", ".join(kinds.OWNERS)
        raise UnknownTargetError(f'"{text}" is none of {known}: its pods are not sized')
    return named[word]


def target(snapshot: Snapshot, policies: PolicyNames, workload: Workload, now: float) -> Target:
    """By the table above. Raises UnknownTargetError."""
    owner = snapshot.owners.get(workload.kind, {}).get((workload.namespace, workload.name))
    there = _views(snapshot, policies, now)
    here = _of(workload, there)
    if owner is None and here is None:
        raise NoSuchError(f"{workload} does not exist")
    controller = owner.metadata.controller() if owner else None
    if here is None and controller and controller.kind == kinds.DEPLOYMENT.name:
        what = f"Deployment/{controller.name} is what is sized"
        raise UnknownTargetError(f"{workload} belongs to a Deployment: {what}")
    if here is not None and (owner is None or not _left(here)):
        return Target(snapshot, there, here, None, _words(here))
    supposed = _assuming(snapshot, workload, owner)
    there = _views(supposed, policies, now)
    view = _of(workload, there)
    if view is None:
        raise UnknownTargetError(f"{workload} has no pods of its own")
    return Target(supposed, there, view, ASSUMED, "no" if here is None else _words(here))


def _views(snapshot: Snapshot, policies: PolicyNames, now: float) -> list[View]:
    found = {v.workload: v for v in views(index(snapshot), policies)}
    kinds = NodeKinds().of(snapshot.nodes, found.values(), now)
    return [*kinds.given(found).values()]


def _of(workload: Workload, there: list[View]) -> View | None:
    return next((v for v in there if v.workload == workload), None)


def _left(view: View) -> bool:
    settings = view.settings
    return settings is None or (isinstance(settings, Settings) and settings.mode is Mode.OFF)


def _words(view: View) -> str:
    settings = view.settings
    if isinstance(settings, BadAnnotation):
        return f"yes, but an annotation cannot be used: {settings.message}"
    if settings is None:
        return "no, it was before"
    if settings.mode is Mode.OFF:
        return "no, podtailor.io/mode is off"
    policy = settings.default.policy
    how = f"yes, mode {settings.mode}, policy {policy}, strategy {settings.strategy}"
    return f"{how}, sizes by kind of node" if settings.per_node else how


def _assuming(snapshot: Snapshot, workload: Workload, owner: objects.Owner | None) -> Snapshot:
    """The cluster with the annotation, and with a PodSize, which would be made in that moment."""
    if owner is None:
        return snapshot
    annotations = {**(owner.metadata.annotations or {}), PREFIX + "mode": "auto"}
    there = {**snapshot.owners[workload.kind]}
    meta = replace(owner.metadata, annotations=annotations)
    there[workload.namespace, workload.name] = replace(owner, metadata=meta)
    key = workload.namespace, object_name(workload)
    podsizes = dict(snapshot.podsizes)
    podsizes.setdefault(key, PodSize(workload, object_name(workload), owned=True))
    owners = {**snapshot.owners, workload.kind: there}
    return replace(snapshot, owners=owners, podsizes=podsizes)
