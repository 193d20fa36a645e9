"""The controllers of the cluster: each reconciles a moment after its objects have changed.

They read the cluster as it is; what lags is only when they come. One that is refused (no room in a
quota, a LimitRange) comes again later and later, as the real ones do.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from kube import timestamps
from kube.errors import KubeError
from tests.simulation.apiserver import ApiServer
from tests.simulation.etcd import Event, Json, Key, controller_uid
from tests.simulation.routes import KINDS, OWNERS, path_of, route
from tests.simulation.timeline import Timeline

LONGEST_PAUSE = 60.0
"""Seconds between two tries of a controller that is refused. The real ones go up to 1000 s; here
runs are short, and each change of an object in question wakes the controller at once anyway."""


@dataclass
class Cluster:
    """What every component of the cluster works with."""

    api: ApiServer
    timeline: Timeline
    chance: Random
    failures: dict[tuple[str, Key], int] = field(default_factory=dict)
    templates: dict[str, Json] = field(default_factory=dict)
    """Pod templates of StatefulSets by revision, as ControllerRevisions keep them."""
    _pending: set[tuple[str, Key]] = field(default_factory=set)
    syncs: dict[str, Callable[["Cluster", Json], None]] = field(default_factory=dict)
    unplaced: Callable[[Json], object] = lambda pod: None
    """Called with each pod that fits nowhere, each time that it was looked at."""

    def all(self, plural: str) -> dict[Key, Json]:
        """Every object of a kind now."""
        return self.api.etcd.all(plural)

    def now(self) -> str:
        """The time as the API server writes it."""
        return timestamps.text(self.timeline.now)

    def queue(self, plural: str, key: Key, delay: float | None = None) -> None:
        """Enqueue an object for a controller; queued twice it is still reconciled once."""
        if plural not in self.syncs or (plural, key) in self._pending:
            return
        self._pending.add((plural, key))
        pause = self.chance.uniform(0.02, 0.6) if delay is None else delay
        self.timeline.after(pause, lambda: self._sync(plural, key))

    def _sync(self, plural: str, key: Key) -> None:
        self._pending.discard((plural, key))
        obj = self.api.etcd.get(plural, key)
        if obj is None:
            return
        try:
            self.syncs[plural](self, obj)
            self.failures.pop((plural, key), None)
        except KubeError as e:
            self._failed(plural, key, obj, e)

    def _failed(self, plural: str, key: Key, obj: Json, error: KubeError) -> None:
        times = self.failures[plural, key] = self.failures.get((plural, key), 0) + 1
        self.event(obj, "FailedCreate", str(error))
        self.queue(plural, key, min(LONGEST_PAUSE, 0.5 * 2.0**times))

    def event(self, about: Json, reason: str, note: str) -> None:
        """Make an event for users; one object for each message."""
        meta = about["metadata"]
        key = (meta.get("namespace", "default"), f"{meta['name']}.{reason.lower()}")
        body: Json = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": key[1], "namespace": key[0]},
            "regarding": {"kind": about["kind"], "name": meta["name"], "uid": meta["uid"]},
            "reason": reason,
            "note": note,
            "type": "Warning",
        }
        held = self.api.etcd.get("events", key)
        if held is None:
            with suppress(KubeError):  # the namespace goes
                self.api.create(KINDS["events"], key[0], body)
        elif held["note"] != note:
            self.api.write({**held, "note": note})

    def changed(self, event: Event) -> None:
        """Wake the controllers of what was written."""
        self.queue(event.kind, event.key)
        for obj in (event.before, event.after):
            if obj is not None and event.kind in ("pods", "replicasets"):
                self._wake_owner(obj)
        if event.kind == "pods":
            for plural in ("poddisruptionbudgets", "services"):
                for key in self.all(plural):
                    if key[0] == event.key[0]:
                        self.queue(plural, key)
        if event.kind == "nodes":
            for key in self.all("daemonsets"):
                self.queue("daemonsets", key)
        if event.after is None and event.before is not None:
            self.timeline.after(self.chance.uniform(0.1, 2.0), self.collect_garbage)

    def _wake_owner(self, obj: Json) -> None:
        meta = obj["metadata"]
        for reference in meta.get("ownerReferences") or ():
            plural, key = OWNERS.get(reference["kind"]), (meta["namespace"], reference["name"])
            if plural is None:
                continue
            self.queue(plural, key)
            above = self.api.etcd.get(plural, key) if obj["kind"] == "Pod" else None
            if above is not None and above["metadata"].get("ownerReferences"):
                self._wake_owner(above)
        if not controller_uid(obj):
            for plural in ("replicationcontrollers", "replicasets"):
                for key in self.all(plural):
                    if key[0] == meta["namespace"]:
                        self.queue(plural, key)

    def collect_garbage(self) -> None:
        """Objects all of whose owners are gone go too; of several owners only the dead are cut."""
        owners = [o for plural in OWNERS.values() for o in self.all(plural).values()]
        uids = {o["metadata"]["uid"] for o in owners}
        for plural in ("replicasets", "pods", "podsizes"):
            for (namespace, name), obj in list(self.all(plural).items()):
                references = obj["metadata"].get("ownerReferences") or []
                alive = [r for r in references if r["uid"] in uids]
                if not references or len(alive) == len(references):
                    continue
                if not alive:
                    self.delete(plural, namespace, name)
                else:
                    meta = {**obj["metadata"], "ownerReferences": alive}
                    self.api.write({**obj, "metadata": meta})

    def delete(self, plural: str, namespace: str, name: str, **options: object) -> None:
        """Delete an object, if it is still there."""
        where = route(path_of(plural, namespace, name))
        if self.api.etcd.get(plural, where.key) is not None:
            self.api.delete(where, dict(options))
