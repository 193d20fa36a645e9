"""What the server makes of an object before it is stored: identity, generation, what may change."""

from typing import Any

from kube.errors import Conflict, Invalid
from store.annotations import NODE_CLASS
from tests.simulation.etcd import Etcd, Json
from tests.simulation.routes import Kind

_KEPT = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "namespace", "name")
_GENERATION = "deprecated.daemonset.template.generation"


def merged(target: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = merged(out.get(name), value)
    return out


def created(body: Json, kind: Kind, key: tuple[str, str], uid: str, now: str) -> Json:
    """A new object with its identity; a status that came with it is dropped, as by the server."""
    given = {k: v for k, v in body["metadata"].items() if k != "generateName"}
    namespace, name = key
    meta = {**given, "name": name, "uid": uid, "creationTimestamp": now}
    if kind.namespaced:
        meta["namespace"] = namespace
    if kind.generation:
        meta["generation"] = 1
    out = {**body, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta}
    if kind.status and kind.plural != "nodes":
        out["status"] = {}
    if kind.custom:
        del out["status"]
    return _with_defaults(out, kind)


def replaced(old: Json, new: Json, kind: Kind, sub: str) -> Json:
    """What is stored when `new` is to replace `old`. Raises Conflict, Invalid."""
    meta = new["metadata"]
    if kind.custom and not meta.get("resourceVersion"):
        raise Invalid(422, "Invalid", "metadata.resourceVersion: must be specified for an update")
    check_version(old, meta.get("resourceVersion"))
    check_uid(old, meta.get("uid"))
    if sub == "status":
        return {**old, "status": new.get("status", {})}
    kept = {k: old["metadata"][k] for k in _KEPT if k in old["metadata"]}
    out = {**new, "metadata": {**meta, **kept}}
    if kind.status:
        out.pop("status", None)
        out |= {"status": old["status"]} if "status" in old else {}
    out = _with_defaults(out, kind)
    if kind.generation and out.get("spec") != old.get("spec"):
        out["metadata"]["generation"] = old["metadata"]["generation"] + 1
        if kind.kind == "DaemonSet" and out["spec"]["template"] != old["spec"]["template"]:
            out = _generation(out, str(out["metadata"]["generation"]))
    return out


def noted(old: Json | None, new: Json, now: str) -> Json:
    """`new`, with who wrote its template last and when, as the server's `managedFields` say; of a
    node, the same of the label of its class."""
    if new["kind"] == "Node":
        return _noted_label(old, new, now)
    template = (new.get("spec") or {}).get("template")
    if template is None or (old and template == (old.get("spec") or {}).get("template")):
        return new
    written = {"time": now, "fieldsV1": {"f:spec": {"f:template": {}}}}
    return {**new, "metadata": {**new["metadata"], "managedFields": [written]}}


def _noted_label(old: Json | None, new: Json, now: str) -> Json:
    had, has = ((n or {}).get("metadata", {}).get("labels", {}).get(NODE_CLASS) for n in (old, new))
    if had == has:
        return new
    fields: Json = {"f:metadata": {"f:labels": {f"f:{NODE_CLASS}": {}}}} if has is not None else {}
    written = {"manager": "somebody", "time": now, "fieldsV1": fields}
    return {**new, "metadata": {**new["metadata"], "managedFields": [written]}}


def check_version(held: Json, wanted: str | None) -> None:
    """Raises Conflict where somebody wrote since that version."""
    if wanted and wanted != held["metadata"]["resourceVersion"]:
        name = held["metadata"]["name"]
        message = f'Operation cannot be fulfilled on "{name}": the object has been modified'
        raise Conflict(409, "Conflict", message)


def check_uid(held: Json, wanted: str | None) -> None:
    """Raises Conflict where the name belongs to another object by now."""
    if wanted and wanted != held["metadata"]["uid"]:
        message = f"Precondition failed: UID in precondition: {wanted}, UID in object meta: "
        raise Conflict(409, "Conflict", message + held["metadata"]["uid"])


def keeps_uid(held: Json, patched: Json) -> None:
    """A patch is no replacement: another UID in it is a field that may not change."""
    if patched["metadata"].get("uid") != held["metadata"]["uid"]:
        raise Invalid(422, "Invalid", "metadata.uid: Invalid value: field is immutable")


def finished(etcd: Etcd, kind: Kind, obj: Json) -> bool:
    """Whether storing `obj` would change anything: the server writes nothing where not."""
    meta = obj["metadata"]
    held = etcd.get(kind.plural, (meta.get("namespace", ""), meta["name"]))
    if held is None:
        return False
    version = held["metadata"]["resourceVersion"]
    return {**obj, "metadata": {**meta, "resourceVersion": version}} == held


def _with_defaults(obj: Json, kind: Kind) -> Json:
    if kind.kind == "LimitRange":
        items = [_range_item(i) for i in obj["spec"]["limits"]]
        return {**obj, "spec": {**obj["spec"], "limits": items}}
    if kind.kind == "DaemonSet" and _GENERATION not in obj["metadata"].get("annotations", {}):
        return _generation(obj, "1")
    if kind.kind == "PodSize" and "replicas" not in obj.get("spec", {}):
        return {**obj, "spec": {**obj.get("spec", {}), "replicas": 1}}
    return obj


def _range_item(item: Json) -> Json:
    """For containers a maximum is the default limit, and that or a minimum the default request."""
    if item["type"] != "Container":
        return item
    default = {**(item.get("max") or {}), **(item.get("default") or {})}
    request = {**(item.get("min") or {}), **default, **(item.get("defaultRequest") or {})}
    given = {"default": default, "defaultRequest": request}
    return {**item, **{name: value for name, value in given.items() if value}}


def _generation(obj: Json, value: str) -> Json:
    meta = obj["metadata"]
    annotations = {**meta.get("annotations", {}), _GENERATION: value}
    return {**obj, "metadata": {**meta, "annotations": annotations}}
