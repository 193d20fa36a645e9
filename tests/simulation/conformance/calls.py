"""Plain calls: versions, preconditions, dry runs, generations, status, what is not there."""

from tests.simulation.conformance.registry import Seen, case
from tests.simulation.conformance.target import Target
from tests.simulation.etcd import Json

_PODSIZE: Json = {
    "spec": {
        "workloadRef": {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"},
        "containers": [],
    }
}
_NAME = "replicationcontroller-web"


def _version(obj: Json) -> str:
    return str(obj["metadata"]["resourceVersion"])


@case
def an_old_version_conflicts(t: Target) -> Seen:
    _, first = t.create("configmaps", "c", {"data": {"a": "1"}})
    path = t.path("configmaps", "c")
    code, second = t.call("PUT", path, {**first, "data": {"a": "2"}})
    old, _ = t.call("PUT", path, {**first, "data": {"a": "3"}})
    patched, _ = t.call(
        "PATCH", path, {"metadata": {"resourceVersion": _version(first)}, "data": {"a": "4"}}
    )
    meta = {k: v for k, v in second["metadata"].items() if k != "resourceVersion"}
    bare, _ = t.call("PUT", path, {**second, "metadata": meta, "data": {"a": "5"}})
    return [code, old, patched, bare, t.get("configmaps", "c")["data"]]


@case
def a_custom_object_is_never_replaced_without_a_version(t: Target) -> Seen:
    _, made = t.create("podsizes", _NAME, _PODSIZE)
    meta = {k: v for k, v in made["metadata"].items() if k != "resourceVersion"}
    bare, _ = t.call("PUT", t.path("podsizes", _NAME), {**made, "metadata": meta})
    status, _ = t.call("PUT", t.path("podsizes", _NAME, "status"), {**made, "metadata": meta})
    return [bare, status]


@case
def another_uid_conflicts(t: Target) -> Seen:
    t.create("configmaps", "c", {"data": {"a": "1"}})
    path = t.path("configmaps", "c")
    patched, made = t.call("PATCH", path, {"metadata": {"uid": "other"}, "data": {"a": "2"}})
    fresh = t.get("configmaps", "c")
    other = {**fresh, "metadata": {**fresh["metadata"], "uid": "other"}}
    replaced, _ = t.call("PUT", path, other)
    deleted, _ = t.call("DELETE", path, {"preconditions": {"uid": "other"}})
    version, _ = t.call("DELETE", path, {"preconditions": {"resourceVersion": "1"}})
    right = {"preconditions": {"uid": t.get("configmaps", "c")["metadata"]["uid"]}}
    gone, _ = t.call("DELETE", path, right)
    again, _ = t.call("DELETE", path, right)
    return [patched, made, replaced, deleted, version, gone, again]


@case
def a_write_that_changes_nothing_is_none(t: Target) -> Seen:
    _, made = t.create("configmaps", "c", {"data": {"a": "1"}})
    _, same = t.call("PATCH", t.path("configmaps", "c"), {"data": {"a": "1"}})
    _, other = t.call("PATCH", t.path("configmaps", "c"), {"data": {"a": "2", "b": None}})
    return [_version(made) == _version(same), _version(made) == _version(other), other["data"]]


@case
def names_are_taken_once_and_what_is_not_there_is_not(t: Target) -> Seen:
    first, _ = t.create("configmaps", "c", {})
    second, _ = t.create("configmaps", "c", {})
    missing, _ = t.call("GET", t.path("configmaps", "d"))
    patched, _ = t.call("PATCH", t.path("configmaps", "d"), {"data": {}})
    path = "/api/v1/namespaces/not-there/configmaps"
    nowhere, _ = t.call("POST", path, {"metadata": {"name": "c"}})
    nameless, _ = t.call("POST", t.path("configmaps"), {"metadata": {}})
    return [first, second, missing, patched, nowhere, nameless]


@case
def dry_runs_answer_and_change_nothing(t: Target) -> Seen:
    created, made = t.create("configmaps", "c", {"data": {"a": "1"}}, dryRun="All")
    there, _ = t.call("GET", t.path("configmaps", "c"))
    t.create("configmaps", "c", {"data": {"a": "1"}})
    path = t.path("configmaps", "c")
    patched, would = t.call("PATCH", path, {"data": {"a": "2"}}, dryRun="All")
    deleted, _ = t.call("DELETE", path, None, dryRun="All")
    taken, _ = t.create("configmaps", "c", {}, dryRun="All")
    named = [bool(made["metadata"].get("uid")), "resourceVersion" in made["metadata"]]
    return [
        created,
        named,
        there,
        patched,
        would["data"],
        deleted,
        taken,
        t.get("configmaps", "c")["data"],
    ]


@case
def generations_count_edits_of_the_spec(t: Target) -> Seen:
    _, made = t.create("podsizes", _NAME, _PODSIZE)
    path = t.path("podsizes", _NAME)
    _, labelled = t.call("PATCH", path, {"metadata": {"labels": {"a": "b"}}})
    hand = {"name": "main", "requests": {"cpu": "100m"}}
    _, edited = t.call("PATCH", path, {"spec": {"containers": [hand]}})
    status = {"size": {"revision": 1, "apply": "all", "containers": []}, "phase": "Settled"}
    code, written = t.call("PUT", path + "/status", {**edited, "status": status})
    generations = [o["metadata"]["generation"] for o in (made, labelled, edited, written)]
    return [generations, code, written["status"]["phase"], made["spec"]["replicas"]]


@case
def a_status_has_its_own_door(t: Target) -> Seen:
    _, made = t.create("podsizes", _NAME, {**_PODSIZE, "status": {"phase": "Settled"}})
    path = t.path("podsizes", _NAME)
    _, main = t.call("PATCH", path, {"status": {"phase": "Blocked"}})
    fresh = t.get("podsizes", _NAME)
    hand = {"name": "main", "requests": {"cpu": "100m"}}
    body = {
        **fresh,
        "spec": {**fresh["spec"], "containers": [hand]},
        "status": {"phase": "Settled"},
    }
    code, by_status = t.call("PUT", path + "/status", body)
    stale, _ = t.call("PUT", path + "/status", {**made, "status": {"phase": "Blocked"}})
    return ["status" in made, "status" in main, code, by_status["spec"]["containers"], stale]
