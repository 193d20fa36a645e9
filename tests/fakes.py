"""An API server in memory, behind the same interface as the real one: the gateway.

Objects by path, one version counter for all of them, watches that return what was written since.
Every call can be the last one (`killed_at`), and every call that changes something is recorded.
"""

import json
import re
from collections.abc import Callable, Generator
from typing import Any

import msgspec

from kube.errors import BUDGET, Conflict, Forbidden, Gone, NotFound, TooMany
from kube.gateway import MERGE_PATCH, Gateway, Trust
from scaler.execution.rights_policy import WORDS
from store.annotations import FIRST_TO_GO

Json = dict[str, Any]
_NAMESPACE = re.compile(r"/namespaces/[^/]+(?=/[^/]+)")


class Killed(BaseException):
    """The process ends here; our own code must not catch this."""


def _all(path: str) -> str:
    """The path of a collection over all namespaces."""
    return _NAMESPACE.sub("", path)


class FakeGateway(Gateway):
    """The API server, as the scaler sees it."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.version = 100
        self.history: list[tuple[int, str, str, Json]] = []
        self.writes: list[str] = []
        self.calls = 0
        self.killed_at: int | None = None
        self.after = False
        """Whether the call that kills us is still carried out."""
        self.budget = False
        """Whether a disruption budget refuses every eviction."""
        self.refusal: Exception | None = None
        """What every eviction that is no dry run meets instead of an answer."""
        self.policy_in_force = False
        """Whether the rights policy is in force."""
        self.policy: Callable[[str, str, Json], Exception | None] = lambda verb, path, body: None
        """What somebody's admission answers to a call, dry runs among them."""
        self.expired = False
        """Whether the next watch is answered 410."""
        self.clock = "2026-11-23T20:30:00Z"
        self.conflicts = 0
        """How many of the next writes of a status meet somebody else's."""

    # What a test does in the role of users and controllers.

    def set(self, path: str, obj: Json) -> Json:
        """Write an object as any client; `path` is the object's own."""
        self.version += 1
        before = self.objects.get(path)
        made: Json = json.loads(json.dumps(obj))
        made["metadata"] = {**made["metadata"], "resourceVersion": str(self.version)}
        self.objects[path] = made
        self._tell(path, "ADDED" if before is None else "MODIFIED", made)
        return made

    def remove(self, path: str) -> None:
        """Delete an object."""
        self.version += 1
        gone = self.objects.pop(path)
        gone = {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self.version)}}
        self._tell(path, "DELETED", gone)

    def list(self, path: str) -> list[Json]:
        """The objects of a collection."""
        found = sorted(self.objects.items())
        return [o for p, o in found if path in (p.rpartition("/")[0], _all(p).rpartition("/")[0])]

    # The gateway's interface.

    def get(self, path: str, **query: str) -> bytes:
        self._count()
        if path in self.objects:
            return _bytes(self.objects[path])
        if path.rpartition("/")[0] in {p.rpartition("/")[0] for p in self.objects}:
            raise NotFound(404, "NotFound", path)
        found = {"metadata": {"resourceVersion": str(self.version)}, "items": self.list(path)}
        return _bytes(found)

    def post(self, path: str, body: object, **query: str) -> bytes:
        assert isinstance(body, dict)
        dry = query.get("dryRun") == "All" or "dryRun" in body.get("deleteOptions", {})
        with self._counted(f"POST {path}", dry=dry):
            if path.endswith("/eviction"):
                return self._evict(path.removesuffix("/eviction"), body, dry=dry)
            if dry:
                self._admitted("POST", path, body)
                return _bytes(self.dry(body))
            own = f"{path}/{body['metadata']['name']}"
            self._admitted("POST", own, body)
            if own in self.objects:
                raise Conflict(409, "AlreadyExists", own)
            meta = {**body["metadata"], "uid": f"uid-{own}", "generation": 1}
            return _bytes(self.set(own, {**body, "metadata": meta}))

    def put(self, path: str, body: object, **query: str) -> bytes:
        assert isinstance(body, dict) and path.endswith("/status")
        with self._counted(f"PUT {path}"):
            own = path.removesuffix("/status")
            held = self._held(own)
            self._admitted("PUT", path, body)
            if self.conflicts:
                self.conflicts -= 1
                held = self.set(own, held)
            if body["metadata"]["resourceVersion"] != held["metadata"]["resourceVersion"]:
                raise Conflict(409, "Conflict", "the object has been modified")
            return _bytes(self.set(own, {**held, "status": _plain(body["status"])}))

    def patch(self, path: str, body: object, kind: str = MERGE_PATCH, **query: str) -> bytes:
        assert isinstance(body, dict)
        dry = query.get("dryRun") == "All"
        with self._counted(f"PATCH {path}", dry=dry):
            resizes = path.endswith("/resize")
            held = self._held(path.removesuffix("/resize"))
            meta = body["metadata"]
            annotated = meta.get("annotations", {}).keys()
            if self.policy_in_force and "/pods/" in path and annotated - FIRST_TO_GO.keys():
                raise Forbidden(403, "Forbidden", f"denied request: {WORDS}")
            for known in ("resourceVersion", "uid"):
                if meta.get(known) not in (None, held["metadata"].get(known)):
                    raise Conflict(409, "Conflict", "the object has been modified")
            self._admitted("PATCH", path, body)
            if dry:
                return _bytes(held)
            if resizes:
                return _bytes(self._resize(path.removesuffix("/resize"), body, query))
            made = self.set(path, {**held, "metadata": _merged(held["metadata"], meta)})
            self.changed(path)
            return _bytes(made)

    def delete(self, path: str, body: object = None, **query: str) -> bytes:
        options = body if isinstance(body, dict) else {}
        dry = "dryRun" in options
        with self._counted(f"DELETE {path}", dry=dry):
            held = self._held(path)
            self._admitted("DELETE", path, options)
            wanted = options.get("preconditions", {})
            if any(held["metadata"].get(k) != v for k, v in wanted.items()):
                raise Conflict(409, "Conflict", "the object has been modified")
            if dry:
                return _bytes(held)
            self.remove(path)
            self.changed(path)
            return b"{}"

    def stream(self, path: str, *, silence: float, **query: str) -> Generator[bytes, None, None]:
        if self.expired:
            self.expired = False
            raise Gone(410, "Expired", "too old")
        since = int(query["resourceVersion"])
        for version, collection, kind, obj in list(self.history):
            if version > since and collection == path:
                yield _bytes({"type": kind, "object": obj})

    def trust(self) -> Trust:
        return Trust(None, None, None, None)

    # Behind the interface.

    def resized(self, pod: Json) -> None:
        """What the kubelet makes of a pod whose sizes were changed: at once, and all of it."""
        pod["status"]["containerStatuses"] = [
            {
                "name": c["name"],
                "state": {"running": {"startedAt": "2026-11-23T12:00:00Z"}},
                "resources": c["resources"],
                "allocatedResources": c["resources"].get("requests", {}),
            }
            for c in pod["spec"]["containers"]
        ]

    def _resize(self, path: str, body: Json, query: dict[str, str]) -> Json:
        pod: Json = json.loads(json.dumps(self._held(path)))
        wanted = {c["name"]: c["resources"] for c in body["spec"]["containers"]}
        for c in pod["spec"]["containers"]:
            if c["name"] in wanted:
                c["resources"] = _merged(c["resources"], wanted[c["name"]])
        meta = pod["metadata"]
        meta["generation"] = meta.get("generation", 1) + 1
        asked = {"manager": query["fieldManager"], "subresource": "resize", "time": self.clock}
        meta["managedFields"] = [asked]
        self.resized(pod)
        return self.set(path, pod)

    def _tell(self, path: str, kind: str, obj: Json) -> None:
        self.history.append((self.version, _all(path).rpartition("/")[0], kind, obj))

    def _held(self, path: str) -> Json:
        if path not in self.objects:
            raise NotFound(404, "NotFound", path)
        return self.objects[path]

    def _admitted(self, verb: str, path: str, body: Json) -> None:
        refused = self.policy(verb, path, body)
        if refused:
            raise refused

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.killed_at and not self.after:
            raise Killed

    def _counted(self, what: str, *, dry: bool = False) -> "_Counted":
        self._count()
        if not dry and "/events" not in what:
            self.writes.append(what)
        return _Counted(self)

    def changed(self, path: str) -> None:
        """Called when an object was patched or deleted: what its controllers do then."""

    def taken(self) -> None:
        """Called when a pod was evicted: what its owner does then."""

    def dry(self, body: Json) -> Json:
        """What an object would be if it were created."""
        return body

    def _evict(self, path: str, body: Json, *, dry: bool) -> bytes:
        held = self._held(path)
        self._admitted("POST", f"{path}/eviction", body)
        if held["metadata"]["uid"] != body["deleteOptions"]["preconditions"]["uid"]:
            raise Conflict(409, "Conflict", "the UID is another one")
        if self.budget:
            message = "Cannot evict pod as it would violate the pod's disruption budget."
            raise TooMany("TooManyRequests", message, 0.0, [BUDGET])
        if not dry:
            if self.refusal:
                raise self.refusal
            self.remove(path)
            self.taken()
        return b"{}"


class _Counted:
    """Kills the process after the call if a test requested that."""

    def __init__(self, gateway: FakeGateway) -> None:
        self._gateway = gateway

    def __enter__(self) -> None:
        pass

    def __exit__(self, *raised: object) -> None:
        g = self._gateway
        if g.calls == g.killed_at and g.after:
            raise Killed


def _merged(before: Json, patch: Json) -> Json:
    """A merge patch, RFC 7386."""
    made = dict(before)
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict):
            made[name] = _merged(made.get(name) or {}, value)
        else:
            made[name] = value
    return made


def _plain(value: object) -> Json:
    plain: Json = msgspec.json.decode(msgspec.json.encode(value))
    return plain


def _bytes(value: object) -> bytes:
    return json.dumps(value).encode()
