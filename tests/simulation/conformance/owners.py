"""What controllers do: adoption, release, which pod goes, templates, names, garbage."""

from tests.simulation.conformance.pods import container, evict, pod, ready
from tests.simulation.conformance.registry import Seen, case
from tests.simulation.conformance.target import Target
from tests.simulation.etcd import Json
from tests.simulation.pods import COST

_RC = "replicationcontrollers"


def _rc(t: Target, replicas: int, template: Json | None = None) -> Json:
    spec = {"replicas": replicas, "selector": {"app": "web"}, "template": template or pod()}
    return t.create(_RC, "web", {"spec": spec})[1]


def _owned(t: Target, plural: str = "pods") -> list[Json]:
    return [o for o in t.list(plural) if o["metadata"].get("ownerReferences")]


def _controllers(obj: Json) -> list[str]:
    references = obj["metadata"].get("ownerReferences") or ()
    return [r["kind"] for r in references if r.get("controller")]


@case
def an_orphan_with_the_right_labels_is_adopted(t: Target) -> Seen:
    t.create("pods", "orphan", pod())
    _rc(t, 1)
    adopted = t.until(lambda: _controllers(t.get("pods", "orphan")))
    return [adopted, len(t.list("pods")), _controllers(t.get("pods", "orphan"))]


@case
def a_pod_whose_labels_go_is_released_and_replaced(t: Target) -> Seen:
    _rc(t, 1)
    t.until(lambda: _owned(t))
    name = _owned(t)[0]["metadata"]["name"]
    t.call("PATCH", t.path("pods", name), {"metadata": {"labels": {"app": None}}})
    two = t.until(lambda: len(t.list("pods")) == 2 and len(_owned(t)) == 1)
    return [two, _controllers(t.get("pods", name))]


@case
def a_pod_that_another_controls_is_replaced_and_adopted_back(t: Target) -> Seen:
    owner = _rc(t, 1)
    t.until(lambda: _owned(t))
    held = _owned(t)[0]
    _, other = t.create("configmaps", "holder", {})
    holder = {"apiVersion": "v1", "kind": "ConfigMap", "name": "holder", "controller": True}
    plain = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"}
    references = [
        {**holder, "uid": other["metadata"]["uid"]},
        {**plain, "uid": owner["metadata"]["uid"]},
    ]
    path = t.path("pods", held["metadata"]["name"])
    handed, _ = t.call("PATCH", path, {"metadata": {"ownerReferences": references}})
    replaced = t.until(lambda: len(t.list("pods")) == 2)
    back, _ = t.call("PATCH", path, {"metadata": {"ownerReferences": references[1:]}})
    one = t.until(lambda: len([p for p in t.list("pods") if _stays(p)]) == 1)
    return [handed, replaced, back, one]


@case
def of_too_many_the_one_without_a_node_goes(t: Target) -> Seen:
    _rc(t, 1)
    t.until(lambda: _owned(t) and ready(t, _owned(t)[0]["metadata"]["name"]))
    runs = _owned(t)[0]["metadata"]["uid"]
    far = pod(container({"cpu": "900"}))
    t.call("PATCH", t.path(_RC, "web"), {"spec": {"replicas": 2, "template": far}})
    two = t.until(lambda: len(_owned(t)) == 2)
    t.call("PATCH", t.path(_RC, "web"), {"spec": {"replicas": 1}})
    one = t.until(lambda: len(_owned(t)) == 1)
    return [two, one, _owned(t)[0]["metadata"]["uid"] == runs]


@case
def of_two_that_run_the_newer_goes(t: Target) -> Seen:
    _rc(t, 1)
    t.until(lambda: _owned(t) and ready(t, _owned(t)[0]["metadata"]["name"]))
    older = _owned(t)[0]["metadata"]["uid"]
    t.rest(10.0)  # their ages are compared on a logarithmic scale
    t.call("PATCH", t.path(_RC, "web"), {"spec": {"replicas": 2}})
    two = t.until(lambda: sum(ready(t, p["metadata"]["name"]) for p in _owned(t)) == 2)
    t.call("PATCH", t.path(_RC, "web"), {"spec": {"replicas": 1}})
    one = t.until(lambda: len(_owned(t)) == 1)
    return [two, one, _owned(t)[0]["metadata"]["uid"] == older]


@case
def of_two_that_are_ready_the_one_of_the_lowest_cost_goes(t: Target) -> Seen:
    _rc(t, 1)
    t.until(lambda: _owned(t) and ready(t, _owned(t)[0]["metadata"]["name"]))
    older = _owned(t)[0]["metadata"]
    t.rest(10.0)
    t.call("PATCH", t.path(_RC, "web"), {"spec": {"replicas": 2}})
    two = t.until(lambda: sum(ready(t, p["metadata"]["name"]) for p in _owned(t)) == 2)
    marked, _ = t.call(
        "PATCH", t.path("pods", older["name"]), {"metadata": {"annotations": {COST: "-1"}}}
    )
    t.call("PATCH", t.path(_RC, "web"), {"spec": {"replicas": 1}})
    one = t.until(lambda: len(_owned(t)) == 1)
    return [two, marked, one, _owned(t)[0]["metadata"]["uid"] == older["uid"]]


@case
def a_replica_set_adopts_and_lets_go_by_labels(t: Target) -> Seen:
    t.create("pods", "orphan", pod())
    selector = {"matchLabels": {"app": "web"}}
    t.create(
        "replicasets", "web", {"spec": {"replicas": 1, "selector": selector, "template": pod()}}
    )
    adopted = t.until(lambda: _controllers(t.get("pods", "orphan")))
    count = len(t.list("pods"))
    t.call("PATCH", t.path("pods", "orphan"), {"metadata": {"labels": {"app": "other"}}})
    two = t.until(lambda: len(t.list("pods")) == 2 and len(_owned(t)) == 1)
    return [adopted, count, two, _controllers(t.get("pods", "orphan"))]


@case
def a_new_template_changes_no_pod_of_a_replication_controller(t: Target) -> Seen:
    _rc(t, 1)
    t.until(lambda: _owned(t))
    before = _owned(t)[0]["metadata"]["uid"]
    _, edited = t.call(
        "PATCH", t.path(_RC, "web"), {"spec": {"template": pod(container({"cpu": "1m"}))}}
    )
    t.until(lambda: t.get(_RC, "web")["status"].get("observedGeneration") == 2)
    return [edited["metadata"]["generation"], _owned(t)[0]["metadata"]["uid"] == before]


@case
def a_deployment_copies_its_annotations_and_rolls_only_for_templates(t: Target) -> Seen:
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": pod()}
    body = {"metadata": {"annotations": {"x": "1"}}, "spec": spec}
    t.create("deployments", "web", body)
    t.until(lambda: _owned(t))
    first = _owned(t, "replicasets")[0]["metadata"]
    hash_ = first["labels"]["pod-template-hash"]
    t.call("PATCH", t.path("deployments", "web"), {"metadata": {"annotations": {"x": "2"}}})
    copied = t.until(lambda: _owned(t, "replicasets")[0]["metadata"]["annotations"]["x"] == "2")
    same = len(_owned(t, "replicasets"))
    return [
        first["name"] == f"web-{hash_}",
        first["annotations"]["x"],
        copied,
        same,
        len(_owned(t)),
    ]


@case
def a_stateful_pod_comes_back_under_its_name(t: Target) -> Seen:
    spec = {
        "serviceName": "web",
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": pod(),
    }
    t.create("statefulsets", "web", {"spec": spec})
    both = t.until(lambda: ready(t, "web-0") and ready(t, "web-1"))
    old = t.get("pods", "web-1")["metadata"]["uid"]
    taken = evict(t, "web-1", old)
    back = t.until(lambda: _other(t, "web-1", old))
    late = evict(t, "web-1", old)
    status = t.get("statefulsets", "web")["status"]
    return [both, taken, back, late, status["currentRevision"] == status["updateRevision"]]


@case
def a_daemon_set_marks_pods_with_its_template_s_generation(t: Target) -> Seen:
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": pod()}
    t.create("daemonsets", "web", {"spec": spec})
    t.until(lambda: _owned(t))
    found = _owned(t)[0]
    name = "deprecated.daemonset.template.generation"
    annotation = t.get("daemonsets", "web")["metadata"]["annotations"][name]
    affinity = found["spec"]["affinity"]["nodeAffinity"]
    return [annotation, found["metadata"]["labels"]["pod-template-generation"], sorted(affinity)]


@case
def garbage_is_what_has_no_owner_left(t: Target) -> Seen:
    owners = [t.create("configmaps", name, {})[1] for name in ("one", "two")]
    references = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": o["metadata"]["name"],
            "uid": o["metadata"]["uid"],
        }
        for o in owners
    ]
    body = pod(nodeSelector={"nobody": "has"})
    body["metadata"]["ownerReferences"] = references
    t.create("pods", "child", body)
    t.call("DELETE", t.path("configmaps", "one"))
    cut = t.until(lambda: len(t.get("pods", "child")["metadata"]["ownerReferences"]) == 1)
    left = [r["name"] for r in t.get("pods", "child")["metadata"]["ownerReferences"]]
    t.call("DELETE", t.path("configmaps", "two"))
    return [cut, left, t.until(lambda: not t.get("pods", "child"))]


@case
def what_an_owner_leaves_behind_goes_with_it(t: Target) -> Seen:
    _rc(t, 2)
    t.until(lambda: len(_owned(t)) == 2)
    code, _ = t.call("DELETE", t.path(_RC, "web"), {"propagationPolicy": "Background"})
    return [code, t.until(lambda: not t.list("pods"))]


def _stays(found: Json) -> bool:
    return "deletionTimestamp" not in found["metadata"]


def _other(t: Target, name: str, uid: str) -> bool:
    found = t.get("pods", name)
    return bool(found) and found["metadata"]["uid"] != uid and ready(t, name)
