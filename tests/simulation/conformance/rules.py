"""LimitRanges and quotas: what they fill in, what they refuse, and what comes after a webhook."""

from tests.simulation.conformance.pods import container, pod
from tests.simulation.conformance.registry import Seen, case
from tests.simulation.conformance.target import Target
from tests.simulation.etcd import Json


def _ranged(t: Target, item: Json) -> None:
    t.create("limitranges", "limits", {"spec": {"limits": [item]}})
    # Admission reads LimitRanges from a watch of its own, a moment later.
    t.rest(1.0)


def _tried(t: Target, requests: Json | None, limits: Json | None) -> object:
    code, made = t.create("pods", "a", pod(container(requests, limits)), dryRun="All")
    return [code, made and made["spec"]["containers"][0]["resources"]]


@case
def defaults_fill_in_what_is_missing(t: Target) -> Seen:
    default, request = {"cpu": "200m", "memory": "32Mi"}, {"cpu": "100m"}
    _ranged(t, {"type": "Container", "default": default, "defaultRequest": request})
    return [
        _tried(t, None, None),
        _tried(t, {"cpu": "50m"}, None),
        _tried(t, None, {"cpu": "150m"}),
        _tried(t, {"cpu": "300m"}, None),
    ]


@case
def a_maximum_is_a_default_too(t: Target) -> Seen:
    _ranged(t, {"type": "Container", "max": {"cpu": "200m"}, "min": {"cpu": "20m"}})
    stored = t.get("limitranges", "limits")["spec"]["limits"]
    return [
        stored,
        _tried(t, None, None),
        _tried(t, None, {"cpu": "300m"}),
        _tried(t, {"cpu": "10m"}, {"cpu": "100m"}),
        _tried(t, {"cpu": "20m"}, {"cpu": "200m"}),
    ]


@case
def a_ratio_needs_both_and_bounds_them(t: Target) -> Seen:
    _ranged(t, {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}})
    return [
        _tried(t, {"cpu": "100m"}, {"cpu": "200m"}),
        _tried(t, {"cpu": "100m"}, {"cpu": "201m"}),
        _tried(t, {"cpu": "100m"}, None),
        _tried(t, None, None),
    ]


@case
def a_pod_s_sum_is_bounded_too(t: Target) -> Seen:
    _ranged(t, {"type": "Pod", "max": {"cpu": "300m"}})
    return [
        _tried(t, {"cpu": "100m"}, {"cpu": "300m"}),
        _tried(t, {"cpu": "100m"}, {"cpu": "301m"}),
        _tried(t, {"cpu": "100m"}, None),
    ]


@case
def a_quota_counts_and_wants_everything_named(t: Target) -> Seen:
    t.create("resourcequotas", "quota", {"spec": {"hard": {"requests.cpu": "150m"}}})
    t.until(lambda: "quota" in [q["metadata"]["name"] for q in t.list("resourcequotas")])
    t.rest(2.0)  # it is in force once its controller has counted
    silent, _ = t.create("pods", "silent", pod())
    first, _ = t.create("pods", "a", pod(container({"cpu": "100m"})))
    dry, _ = t.create("pods", "b", pod(container({"cpu": "100m"})), dryRun="All")
    second, _ = t.create("pods", "b", pod(container({"cpu": "100m"})))
    small, _ = t.create("pods", "b", pod(container({"cpu": "50m"})))
    return [silent, first, dry, second, small]


@case
def an_owner_that_is_refused_comes_again(t: Target) -> Seen:
    t.create("resourcequotas", "quota", {"spec": {"hard": {"pods": "0"}}})
    t.until(lambda: "quota" in [q["metadata"]["name"] for q in t.list("resourcequotas")])
    t.rest(2.0)  # it is in force once its controller has counted
    spec = {"replicas": 1, "selector": {"app": "web"}, "template": pod()}
    t.create("replicationcontrollers", "web", {"spec": spec})
    events = t.until(lambda: any(_refused(e) for e in t.list("events")))
    none = len(t.list("pods"))
    t.call("DELETE", t.path("resourcequotas", "quota"))
    # Nothing wakes the owner but its own patience, or a change.
    t.call("PATCH", t.path("replicationcontrollers", "web"), {"spec": {"replicas": 2}})
    return [events, none, t.until(lambda: len(t.list("pods")) == 2)]


@case
def a_limit_range_refuses_an_owner_s_pods_until_it_is_gone(t: Target) -> Seen:
    _ranged(t, {"type": "Container", "max": {"cpu": "50m"}})
    spec = {"replicas": 1, "selector": {"app": "web"}, "template": pod(container({"cpu": "100m"}))}
    t.create("replicationcontrollers", "web", {"spec": spec})
    events = t.until(lambda: any(_refused(e) for e in t.list("events")))
    none = len(t.list("pods"))
    conditions = t.get("replicationcontrollers", "web")["status"].get("conditions") or ()
    reported = [(c["type"], c["status"], c["reason"]) for c in conditions]
    t.call("DELETE", t.path("limitranges", "limits"))
    t.call("PATCH", t.path("replicationcontrollers", "web"), {"spec": {"replicas": 2}})
    return [events, none, reported, t.until(lambda: len(t.list("pods")) == 2)]


def _refused(event: Json) -> bool:
    return (event["reason"], event["regarding"].get("name")) == ("FailedCreate", "web")
