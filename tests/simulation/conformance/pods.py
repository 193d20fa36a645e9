"""Pods: how they are made, what classes they get, how they are evicted, and what budgets allow."""

from tests.simulation.conformance.registry import Seen, case
from tests.simulation.conformance.target import Target
from tests.simulation.etcd import Json

IMAGE = "localhost/podtailor-test/busybox:1"
_SELECTOR = {"matchLabels": {"app": "web"}}


def container(requests: Json | None = None, limits: Json | None = None) -> Json:
    """A container that runs indefinitely on a real node too."""
    parts = {"requests": requests, "limits": limits}
    return {
        "name": "main",
        "image": IMAGE,
        "command": ["/bin/busybox", "sleep", "100000"],
        "resources": {part: given for part, given in parts.items() if given},
    }


def pod(resources: Json | None = None, **spec: object) -> Json:
    """A pod with the label of all scripts."""
    body: Json = {"terminationGracePeriodSeconds": 1, "containers": [resources or container()]}
    return {"metadata": {"labels": {"app": "web"}}, "spec": {**body, **spec}}


def ready(t: Target, name: str) -> bool:
    """Whether a pod's conditions say so."""
    conditions = t.get("pods", name).get("status", {}).get("conditions") or ()
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def evict(t: Target, name: str, uid: str | None = None, *, dry: bool = False) -> str:
    """How an eviction ends."""
    options: Json = {"preconditions": {"uid": uid}} if uid else {}
    options |= {"dryRun": ["All"]} if dry else {}
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": t.space},
        "deleteOptions": options,
    }
    return t.call("POST", t.path("pods", name, "eviction"), body)[0]


@case
def a_request_that_is_not_set_is_the_limit(t: Target) -> Seen:
    limits = {"cpu": "100m", "memory": "16Mi"}
    _, made = t.create("pods", "a", pod(container({"cpu": "50m"}, limits)), dryRun="All")
    _, bare = t.create("pods", "a", pod(container(None, {"cpu": "100m"})), dryRun="All")
    return [p["spec"]["containers"][0]["resources"] for p in (made, bare)]


@case
def quality_of_service_follows_from_requests_and_limits(t: Target) -> Seen:
    both = {"cpu": "100m", "memory": "16Mi"}
    kinds = [(None, None), (both, both), (None, both), ({"cpu": "1m"}, both), (both, None)]
    made = [t.create("pods", "a", pod(container(*k)), dryRun="All")[1] for k in kinds]
    return [p["status"]["qosClass"] for p in made]


@case
def a_request_above_its_limit_is_invalid(t: Target) -> Seen:
    above = container({"cpu": "200m"}, {"cpu": "100m"})
    return [
        t.create("pods", "a", pod(above))[0],
        t.create("pods", "a", pod(above), dryRun="All")[0],
    ]


@case
def an_eviction_names_the_pod_by_uid(t: Target) -> Seen:
    nowhere = evict(t, "a")
    _, made = t.create("pods", "a", pod())
    running = t.until(lambda: ready(t, "a"))
    other = evict(t, "a", "other")
    dry_other = evict(t, "a", "other", dry=True)
    dry = evict(t, "a", made["metadata"]["uid"], dry=True)
    there = "deletionTimestamp" in t.get("pods", "a")["metadata"]
    taken = evict(t, "a", made["metadata"]["uid"])
    gone = t.until(lambda: not t.get("pods", "a"))
    return [nowhere, running, other, dry_other, dry, there, taken, gone]


@case
def a_budget_is_asked_for_pods_that_run(t: Target) -> Seen:
    t.create("poddisruptionbudgets", "b", {"spec": {"minAvailable": 1, "selector": _SELECTOR}})
    t.create("pods", "a", pod())
    t.create("pods", "far", pod(nodeSelector={"nobody": "has"}))
    t.until(lambda: ready(t, "a"))
    t.until(lambda: _budget(t).get("currentHealthy") == 1)
    allowed = _budget(t).get("disruptionsAllowed")
    refused = [evict(t, "a", dry=True), evict(t, "a"), evict(t, "far")]
    t.call("DELETE", t.path("poddisruptionbudgets", "b"))
    return [allowed, refused, bool(t.get("pods", "far")), evict(t, "a")]


@case
def two_budgets_for_a_pod_are_an_error(t: Target) -> Seen:
    for name in ("b", "c"):
        spec = {"maxUnavailable": 1, "selector": _SELECTOR}
        t.create("poddisruptionbudgets", name, {"spec": spec})
    t.create("pods", "a", pod())
    t.until(lambda: ready(t, "a"))
    return [evict(t, "a")]


@case
def a_pod_that_runs_goes_in_its_own_time(t: Target) -> Seen:
    t.create("pods", "far", pod(nodeSelector={"nobody": "has"}))
    at_once, _ = t.call("DELETE", t.path("pods", "far"))
    t.create("pods", "a", pod())
    t.until(lambda: ready(t, "a"))
    code, marked = t.call("DELETE", t.path("pods", "a"))
    grace = marked["metadata"].get("deletionGracePeriodSeconds")
    gone = t.until(lambda: not t.get("pods", "a"))
    return [at_once, bool(t.get("pods", "far")), code, grace, gone]


@case
def a_pod_without_room_waits_and_says_so(t: Target) -> Seen:
    t.create("pods", "big", pod(container({"cpu": "900"})))
    waits = t.until(lambda: t.get("pods", "big")["status"].get("conditions"))
    found = t.get("pods", "big")
    conditions = [(c["type"], c["status"], c["reason"]) for c in found["status"]["conditions"]]
    return [waits, conditions, found["status"]["phase"], "nodeName" in found["spec"]]


def _budget(t: Target) -> Json:
    return dict(t.get("poddisruptionbudgets", "b").get("status") or {})
