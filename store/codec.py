"""PodSize from and to JSON, except for the sizes in it, which `store.sizes` reads and writes.

Reading is lenient where an older scaler or a user may have written (an unknown phase counts as
none), and strict where a pod's size depends on it: a size with an unreadable quantity raises
ValueError, and the object then counts as absent.
"""

from typing import Any

from kube.objects import Meta, OwnerReference
from store.history import (
    ChangeJson,
    change_from_json,
    change_to_json,
    condition_from_json,
    condition_to_json,
)
from store.model import Phase, PodSize, Status, Workload
from store.reasons import Reason
from store.records import BackOff, PodCount, Quiet, RestartOnResize, Restarts, StartUp
from store.sizes import (
    ContainerJson,
    Json,
    StoredSizeJson,
    container_from_json,
    container_to_json,
    member,
    stored_from_json,
    stored_to_json,
)


class WishJson(Json, frozen=True):
    containers: list[ContainerJson] = []


class StatusJson(Json, frozen=True):
    observed_generation: int = 0
    size: StoredSizeJson | None = None
    last_good: StoredSizeJson | None = None
    wish: WishJson | None = None
    phase: str = ""
    reason: str = ""
    message: str = ""
    pods: PodCount | None = None
    backoff: BackOff | None = None
    restarts: Restarts | None = None
    quiet: list[Quiet] = []
    start_ups: list[StartUp] = []
    restart_on_resize: list[RestartOnResize] = []
    changes: list[ChangeJson] = []
    conditions: list[dict[str, Any]] = []


class RefJson(Json, frozen=True):
    api_version: str
    kind: str
    name: str


class SpecJson(Json, frozen=True):
    workload_ref: RefJson
    containers: list[ContainerJson] = []


class PodSizeJson(Json, frozen=True):
    """A PodSize as the API server returns it: what the watch decodes."""

    metadata: Meta
    spec: SpecJson
    status: StatusJson = StatusJson()


def podsize_from_json(raw: PodSizeJson) -> PodSize:
    """The typed object. Raises ValueError when it contains an unreadable quantity."""
    ref, meta = raw.spec.workload_ref, raw.metadata
    workload = Workload(ref.api_version, ref.kind, meta.namespace, ref.name)
    return PodSize(
        workload=workload,
        name=meta.name,
        uid=meta.uid,
        resource_version=meta.resource_version,
        generation=meta.generation,
        by_hand=tuple(container_from_json(c) for c in raw.spec.containers),
        status=_status(raw.status),
        owned=any(_is(r, workload) for r in meta.owner_references or ()),
    )


def status_to_json(status: Status) -> dict[str, object]:
    """The complete `status` as it is written by PUT: fields that are not in it are removed.

    A merge patch would not do: it keeps fields that it does not name, so an empty `size` would
    change nothing.
    """
    out: dict[str, object] = {
        "observedGeneration": status.observed_generation,
        "size": stored_to_json(status.size) if status.size else {},
        "pods": status.pods,
        "backoff": status.backoff,
    }
    if status.last_good:
        out["lastGood"] = stored_to_json(status.last_good)
    if status.wish:
        out["wish"] = {"containers": [container_to_json(c) for c in status.wish]}
    for name in ("phase", "reason", "message"):
        if value := getattr(status, name):
            out[name] = value
    if status.restarts.hour:
        out["restarts"] = status.restarts
    plain = {
        "quiet": status.quiet,
        "startUps": status.start_ups,
        "restartOnResize": status.restart_on_resize,
    }
    out.update({name: list(listed) for name, listed in plain.items() if listed})
    if status.changes:
        out["changes"] = [change_to_json(c) for c in status.changes]
    if status.conditions:
        out["conditions"] = [condition_to_json(c) for c in status.conditions]
    return out


def _is(reference: OwnerReference, workload: Workload) -> bool:
    return (reference.api_version, reference.kind, reference.name) == (
        workload.api_version,
        workload.kind,
        workload.name,
    )


def _status(raw: StatusJson) -> Status:
    return Status(
        observed_generation=raw.observed_generation,
        size=stored_from_json(raw.size),
        last_good=stored_from_json(raw.last_good),
        wish=tuple(container_from_json(c) for c in raw.wish.containers) if raw.wish else (),
        phase=member(Phase, raw.phase),
        reason=member(Reason, raw.reason),
        message=raw.message,
        pods=raw.pods or PodCount(),
        backoff=raw.backoff or BackOff(),
        restarts=raw.restarts or Restarts(),
        quiet=tuple(raw.quiet),
        start_ups=tuple(raw.start_ups),
        restart_on_resize=tuple(raw.restart_on_resize),
        changes=tuple(c for c in map(change_from_json, raw.changes) if c),
        conditions=tuple(map(condition_from_json, raw.conditions)),
    )
