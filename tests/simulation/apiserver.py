"""The API server's verbs on the model's objects, with the answers and errors of the real one.

`tests/e2e/test_model.py` runs the same script of calls against this and against a real server.
"""

from collections.abc import Callable
from typing import Protocol

from kube import timestamps
from kube.errors import Conflict, Forbidden, Invalid, KubeError, NotFound
from tests.simulation import eviction, resizing, writing
from tests.simulation.etcd import Etcd, Json
from tests.simulation.routes import KINDS, Kind, Route, route

Query = dict[str, str]


class Admission(Protocol):
    """What happens to a pod between the request and the store."""

    def admit(self, pod: Json, *, dry_run: bool) -> Json:
        """The pod as it is stored. Raises KubeError where it is refused."""
        ...


class ApiServer:
    """One API server and its etcd."""

    def __init__(self, etcd: Etcd, now: Callable[[], float]) -> None:
        self.etcd = etcd
        self.now = now
        self.admission: Admission | None = None
        self._made = 0

    def call(self, verb: str, path: str, body: Json | None = None, **query: str) -> Json:
        """One request, carried out at once. Raises KubeError."""
        where = route(path)
        if verb == "GET":
            return self._get(where)
        dry = query.get("dryRun") == "All"
        if verb == "POST":
            if where.sub == "eviction":
                return eviction.evict(self, where, body or {})
            return self.create(where.kind, where.namespace, body or {}, dry_run=dry)
        if verb == "DELETE":
            return self.delete(where, body or {}, dry_run=dry)
        if where.sub == "resize":
            held = self.held(where)
            made = resizing.resized(self, held, body or {}, query.get("fieldManager", "unknown"))
            return made if dry or made is held else self.etcd.put("pods", made)
        return self._update(verb, where, body or {}, dry_run=dry)

    def create(self, kind: Kind, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """A new object, after admission where it is a pod."""
        if kind.namespaced:
            self._lets_in(namespace)
        self._made += 1
        meta = body.get("metadata") or {}
        prefix = meta.get("generateName", "")
        name = meta.get("name") or (prefix and f"{prefix}{self._made:05x}")
        if not name:
            raise Invalid(422, "Invalid", f"{kind.kind}: metadata.name: Required value")
        key = (namespace if kind.namespaced else "", name)
        # Where the name is taken is only known when it is stored: admission has run by then.
        uid = f"uid-{self._made:05d}"
        made = writing.created(
            {**body, "metadata": meta}, kind, key, uid, timestamps.text(self.now())
        )
        made = writing.noted(None, made, timestamps.text(self.now()))
        if kind.kind == "Pod":
            assert self.admission is not None
            made = self.admission.admit(made, dry_run=dry_run)
        if key in self.etcd.all(kind.plural):
            raise Conflict(409, "AlreadyExists", f'{kind.plural} "{name}" already exists')
        return made if dry_run else self.etcd.put(kind.plural, made)

    def _lets_in(self, namespace: str) -> None:
        space = self.etcd.get("namespaces", ("", namespace))
        if space is None:
            raise NotFound(404, "NotFound", f'namespaces "{namespace}" not found')
        if "deletionTimestamp" in space["metadata"]:
            message = f"unable to create new content in namespace {namespace}"
            raise Forbidden(403, "Forbidden", f"{message} because it is being terminated")

    def held(self, where: Route) -> Json:
        """The object at a path. Raises NotFound."""
        found = self.etcd.get(where.kind.plural, where.key)
        if found is None:
            raise NotFound(404, "NotFound", f'{where.kind.plural} "{where.name}" not found')
        return found

    def write(self, obj: Json) -> Json:
        """Store what a component of the cluster has made of an object it has just read."""
        kind = _kind(obj)
        if writing.finished(self.etcd, kind, obj):
            return obj
        return self.etcd.put(kind.plural, obj)

    def delete(self, where: Route, options: Json, *, dry_run: bool = False) -> Json:
        """Delete; a pod that runs is only marked, its kubelet ends it."""
        held = self.held(where)
        wanted = options.get("preconditions") or {}
        writing.check_uid(held, wanted.get("uid"))
        writing.check_version(held, wanted.get("resourceVersion"))
        if dry_run or "All" in (options.get("dryRun") or ()):
            return held
        if where.kind.kind == "Pod" and _graceful(held, options):
            return self._mark(held, options)
        self.etcd.remove(where.kind.plural, where.key)
        return held

    def _mark(self, pod: Json, options: Json) -> Json:
        meta = pod["metadata"]
        if "deletionTimestamp" in meta:
            return pod
        grace = options.get("gracePeriodSeconds")
        grace = pod["spec"].get("terminationGracePeriodSeconds", 30) if grace is None else grace
        end = timestamps.text(self.now() + grace)
        gone = {**meta, "deletionTimestamp": end, "deletionGracePeriodSeconds": grace}
        return self.etcd.put("pods", {**pod, "metadata": gone})

    def _get(self, where: Route) -> Json:
        if where.name:
            return self.held(where)
        items = [
            o
            for (namespace, _), o in sorted(self.etcd.all(where.kind.plural).items())
            if where.namespace in ("", namespace)
        ]
        version = str(self.etcd.version)
        return {"kind": "List", "metadata": {"resourceVersion": version}, "items": items}

    def _update(self, verb: str, where: Route, body: Json, *, dry_run: bool) -> Json:
        held = self.held(where)
        if verb == "PATCH":
            writing.check_version(held, body.get("metadata", {}).get("resourceVersion"))
            body = writing.merged(held, body)
            writing.keeps_uid(held, body)
        made = writing.replaced(held, body, where.kind, where.sub)
        made = writing.noted(held, made, timestamps.text(self.now()))
        if dry_run or writing.finished(self.etcd, where.kind, made):
            return made
        return self.etcd.put(where.kind.plural, made)


def _kind(obj: Json) -> Kind:
    return next(k for k in KINDS.values() if k.kind == obj["kind"])


def _graceful(pod: Json, options: Json) -> bool:
    if options.get("gracePeriodSeconds") == 0 or not pod["spec"].get("nodeName"):
        return False
    return pod["status"].get("phase") not in ("Succeeded", "Failed")


__all__ = ["ApiServer", "KubeError", "Query"]
