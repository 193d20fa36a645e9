"""Resizes in place: what the API server says, what it writes, and what the kubelet makes of it."""

from tests.simulation.conformance.pods import container, pod, ready
from tests.simulation.conformance.registry import Seen, case
from tests.simulation.conformance.target import Target
from tests.simulation.etcd import Json

_LIMITS = {"cpu": "200m", "memory": "32Mi"}


def _cpu(request: str, limit: str) -> Json:
    return {"requests": {"cpu": request}, "limits": {"cpu": limit}}


def _made(t: Target, **policy: object) -> Json:
    one = container({"cpu": "100m", "memory": "16Mi"}, _LIMITS)
    t.create("pods", "a", pod({**one, **policy}))
    t.until(lambda: ready(t, "a"))
    t.rest(1.5)  # a resize right after the start was once reported twice
    return t.get("pods", "a")


def _asked(t: Target, resources: Json, name: str = "main", **meta: str) -> str:
    """How a resize of one container ends."""
    body = {"metadata": meta, "spec": {"containers": [{"name": name, "resources": resources}]}}
    return t.resize("a", body)[0]


def _generation(made: Json) -> int:
    return int(made["metadata"].get("generation", 1))


def _resources(made: Json) -> Json:
    found: Json = made["spec"]["containers"][0]["resources"]
    return found


def _done(t: Target) -> bool:
    """Whether the kubelet says that the container has what the spec asks for."""
    made = t.get("pods", "a")
    said = made["status"]["containerStatuses"][0].get("resources")
    return bool(said == _resources(made))


def _condition(t: Target) -> list[object]:
    conditions = t.get("pods", "a")["status"]["conditions"]
    return [(c["type"], c.get("reason", "")) for c in conditions if "Resize" in c["type"]]


@case
def a_resize_counts_a_generation_names_its_author_and_restarts_nothing(t: Target) -> Seen:
    before = _made(t)
    answer = _asked(t, _cpu("150m", "300m"))
    after = t.get("pods", "a")
    fields = after["metadata"]["managedFields"]
    by = [(m["manager"], m["operation"]) for m in fields if m.get("subresource") == "resize"]
    done = t.until(lambda: _done(t))
    counted = _generation(after) - _generation(before)
    restarts = t.get("pods", "a")["status"]["containerStatuses"][0]["restartCount"]
    return [answer, counted, by, _resources(after), done, restarts, _condition(t)]


@case
def the_same_again_writes_nothing(t: Target) -> Seen:
    before = _made(t)["metadata"]["resourceVersion"]
    answer = _asked(t, _resources(t.get("pods", "a")))
    return [answer, t.get("pods", "a")["metadata"]["resourceVersion"] == before]


@case
def a_container_is_started_again_where_its_policy_says_so(t: Target) -> Seen:
    _made(t, resizePolicy=[{"resourceName": "cpu", "restartPolicy": "RestartContainer"}])
    answer = _asked(t, _cpu("150m", "300m"))

    def again() -> bool:
        status = t.get("pods", "a")["status"]["containerStatuses"][0]
        return bool(status["restartCount"] == 1 and "running" in status["state"])

    return [answer, t.until(again)]


@case
def what_no_resize_may_do(t: Target) -> Seen:
    _made(t)
    return [
        _asked(t, _cpu("300m", "200m")),
        _asked(t, {"limits": {"cpu": None}}),
        _asked(t, {"requests": {"cpu": "200m", "memory": "32Mi"}}),
        _asked(t, _cpu("999", "999")),
        _asked(t, _cpu("150m", "300m"), name="other"),
        _asked(t, _cpu("150m", "300m"), resourceVersion="1"),
        _asked(t, _cpu("150m", "300m"), uid="other"),
    ]


@case
def a_request_that_is_removed_becomes_the_limit(t: Target) -> Seen:
    _made(t)
    return [_asked(t, {"requests": {"cpu": None}}), _resources(t.get("pods", "a"))]


@case
def quotas_and_limit_ranges_hold_for_resizes(t: Target) -> Seen:
    _made(t)
    t.create("resourcequotas", "quota", {"spec": {"hard": {"limits.cpu": "400m"}}})
    item = {"type": "Container", "max": {"memory": "64Mi"}}
    t.create("limitranges", "limits", {"spec": {"limits": [item]}})
    t.rest(2.0)
    return [
        _asked(t, _cpu("150m", "500m")),
        _asked(t, {"limits": {"memory": "128Mi"}}),
        _asked(t, _cpu("150m", "300m")),
    ]


@case
def what_has_no_room_beside_others_is_deferred_until_it_is_withdrawn(t: Target) -> Seen:
    _made(t)
    taken = pod(container({"cpu": "1200m"}, {"cpu": "1200m", "memory": "16Mi"}))
    t.create("pods", "b", taken)
    t.until(lambda: ready(t, "b"))
    answer = _asked(t, _cpu("1", "1"))
    deferred = t.until(lambda: _condition(t) == [("PodResizePending", "Deferred")])
    had = t.get("pods", "a")["status"]["containerStatuses"][0]["resources"]["limits"]["cpu"]
    back = _asked(t, _cpu("100m", "200m"))
    return [answer, deferred, had, back, t.until(lambda: not _condition(t))]
