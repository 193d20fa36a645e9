"""Resizing in place: the loop and its actuator against an API server in memory."""

from contextlib import suppress

import pytest

from kube import timestamps
from kube.errors import BUDGET, Conflict, Forbidden, NotFound, TooMany
from scaler.cluster.resizes import MANAGER
from scaler.execution.resizer import Resizer
from scaler.execution.webhook_probe import Probe
from scaler.model import Outcome, Resize
from store.reasons import Reason
from tests.fakes import FakeGateway, Json, Killed
from tests.unit.scaler.builders import DOUBLED, stored, workload
from tests.unit.scaler.world import PODS, PODSIZE, World


class Resizing(World):
    """Two pods of one workload, at 96 % of their limit of 500m; containers run."""

    def __init__(self) -> None:
        super().__init__()
        self.annotate(mode="auto", strategy="resize")
        self.cycle(2)
        for pod in self.api.list(PODS):
            pod["spec"]["nodeName"] = "node"
            self.api.resized(pod)
            self.api.set(f"{PODS}/{pod['metadata']['name']}", pod)
        self.load.used = 480.0

    @property
    def uids(self) -> set[str]:
        return {p["metadata"]["uid"] for p in self.api.list(PODS)}

    def resizes(self) -> list[str]:
        return [w for w in self.api.writes if w.endswith("/resize")]


@pytest.fixture
def world() -> Resizing:
    return Resizing()


def deferred(pod: Json) -> None:
    """The kubelet has no room for it now."""
    said = {"type": "PodResizePending", "status": "True", "reason": "Deferred", "message": "full"}
    pod["status"]["conditions"] = [pod["status"]["conditions"][0], said]


def test_every_pod_gets_the_size_and_none_is_replaced(world: Resizing) -> None:
    before = world.uids
    world.cycle(6, 1.0)
    assert (world.limits(), world.uids) == (["1", "1"], before)
    assert len(world.resizes()) == 2 and not any("eviction" in w for w in world.api.writes)
    status = world.status
    assert (str(status.phase), str(status.reason)) == ("Settled", "Doubled")
    assert (status.restarts.count, status.pods.current) == (0, 2)


def test_the_store_is_written_first(world: Resizing) -> None:
    world.cycle(6, 1.0)
    writes = [w for w in world.api.writes if w.endswith(("/status", "/resize"))]
    first = next(n for n, w in enumerate(writes) if w.endswith("/resize"))
    assert writes[first - 1].endswith("/status") and world.status.size


def test_it_says_who_asks_and_names_the_pod_as_it_was_seen(
    world: Resizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Json, dict[str, str]]] = []
    usual = world.api.patch

    def patch(path: str, body: Json, *kind: str, **query: str) -> bytes:
        if path.endswith("/resize"):
            asked.append((body, query))
        return usual(path, body, *kind, **query)

    monkeypatch.setattr(world.api, "patch", patch)
    world.cycle(6, 1.0)
    body, query = asked[0]
    assert query == {"fieldManager": MANAGER}
    assert body["metadata"].keys() == {"uid", "resourceVersion"}
    sizes = {
        "requests": {"cpu": "500m", "memory": "64Mi"},
        "limits": {"cpu": "1", "memory": "128Mi"},
    }
    assert body["spec"] == {"containers": [{"name": "nginx", "resources": sizes}]}


def test_one_at_a_time_and_the_next_only_once_the_kubelet_is_seen_to_have_done_it(
    world: Resizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.api, "resized", lambda pod: None)
    world.cycle(6, 1.0)
    assert len(world.resizes()) == 1
    assert str(world.status.phase) == "Applying"
    assert world.status.pods.current == 0


def test_a_kubelet_that_defers_it_is_waited_for_and_then_the_pod_is_replaced(
    world: Resizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.uids
    monkeypatch.setattr(world.api, "resized", deferred)
    world.cycle(4, 5.0)
    assert str(world.status.reason) == "ResizeDeferred" and world.uids == before
    world.cycle(30, 10.0)
    assert not world.uids & before
    assert ("SurgeUnavailable", "Normal") in world.events()


def test_who_refuses_it_is_reported_and_the_pod_replaced(world: Resizing) -> None:
    before = world.uids

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        words = "ValidatingAdmissionPolicy 'house' denied request: keep off"
        return Forbidden(403, "Forbidden", words) if path.endswith("/resize") else None

    world.api.policy = policy
    world.cycle(8, 5.0)
    assert not world.uids & before and world.limits() == ["1", "1"]
    assert ("Refused", "Warning") in world.events()


def test_an_order_from_before_the_podsize_was_deleted_is_taken_back(
    world: Resizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.api, "resized", deferred)
    world.cycle(3, 5.0)
    assert world.limits() == ["1", "500m"] and len(world.resizes()) == 1
    world.api.remove(PODSIZE)
    world.load.used = 10.0
    world.start()
    world.cycle(4, 5.0)
    assert world.limits() == ["500m", "500m"] and len(world.resizes()) == 2
    assert world.status.size is None and str(world.status.phase) == "Settled"


class Crowd(Resizing):
    """The same with five pods."""

    def annotate(self, replicas: int = 2, **values: str) -> None:
        super().annotate(5, **values)


@pytest.mark.parametrize(
    "words",
    [
        "maximum cpu usage per Container is 600m, but limit is 1",
        "exceeded quota: compute, requested: limits.cpu=500m, used: limits.cpu=3, limited: 3",
    ],
)
def test_a_resize_that_is_refused_for_its_size_is_not_asked_for_each_sibling(words: str) -> None:
    world = Crowd()
    size = Forbidden(403, "Forbidden", f'pods "web-1" is forbidden: {words}')
    spent = TooMany("TooManyRequests", "would violate the pod's budget", 0.0, [BUDGET])
    asked: list[str] = []

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        what = path.rpartition("/")[2]
        asked.append(what)
        return {"resize": size, "eviction": spent}.get(what)

    world.api.policy = policy
    world.cycle(10, 1.0)
    world.cycle(118, 5.0)
    assert 1 <= asked.count("resize") <= 3
    assert asked.count("status") <= 5, asked


def test_a_server_that_knows_no_resize_says_so_and_pods_are_replaced(world: Resizing) -> None:
    before = world.uids
    missing = NotFound(404, "NotFound", "the server could not find the requested resource")
    world.api.policy = lambda verb, path, body: missing if path.endswith("/resize") else None
    world.cycle(8, 5.0)
    assert not world.uids & before and ("Unsupported", "Warning") in world.events()


def test_without_the_right_to_it_pods_are_replaced(world: Resizing) -> None:
    before = world.uids
    world.start(resize=False)
    world.cycle(8, 5.0)
    assert not world.uids & before and not world.resizes()


def test_whoever_writes_to_the_pod_meanwhile_wins(world: Resizing) -> None:
    stop = Conflict(409, "Conflict", "the object has been modified")
    times = iter([stop, stop])
    world.api.policy = lambda verb, path, body: (
        next(times, None) if path.endswith("/resize") else None
    )
    before = world.uids
    world.cycle(20, 2.0)
    assert (world.limits(), world.uids) == (["1", "1"], before)


def test_paused_asks_for_nothing(world: Resizing) -> None:
    world.annotate(mode="auto", strategy="resize", paused="true")
    world.cycle(6, 1.0)
    assert not world.resizes()


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("call", range(1, 9))
def test_killed_at_any_call_its_successor_finishes_and_nothing_restarts(
    world: Resizing, call: int, after: bool
) -> None:
    before = world.uids
    world.api.after, world.api.killed_at = after, world.api.calls + call
    with suppress(Killed):  # after a call that only reads, it lives on
        world.cycle(12, 1.0)
    assert world.api.calls >= world.api.killed_at
    world.api.killed_at = None
    world.start()
    world.cycle(8, 1.0)
    assert (world.limits(), world.uids) == (["1", "1"], before)
    assert world.status.restarts.count == 0


def test_what_somebody_changes_back_is_not_fought_over(world: Resizing) -> None:
    world.cycle(6, 1.0)
    name = sorted(p["metadata"]["name"] for p in world.api.list(PODS))[0]
    pod = world.api.objects[f"{PODS}/{name}"]
    small = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
    body = {
        "metadata": {"uid": pod["metadata"]["uid"]},
        "spec": {"containers": [{"name": "nginx", "resources": small}]},
    }
    world.now += 10
    world.cycle(1, 1.0)
    world.api.patch(f"{PODS}/{name}/resize", body, fieldManager="kubectl-edit")
    asked = len(world.resizes())
    world.cycle(6, 1.0)
    assert len(world.resizes()) == asked
    assert str(world.status.reason) == "Rewritten"


def test_what_is_stored_is_asked_for_at_once_and_replacements_are_not_hurried(
    world: Resizing,
) -> None:
    world.cycle(1, 1.0)
    assert world.status.size and world.loop.cadence.hurry
    replaced = World()
    replaced.cycle(2)
    replaced.load.used = 480.0
    replaced.cycle(1, 1.0)
    assert replaced.status.size and not replaced.loop.cadence.hurry


def test_the_event_of_a_change_comes_after_the_pods_have_it(world: Resizing) -> None:
    world.cycle(1, 1.0)
    assert not world.resizes() and ("Doubled", "Normal") not in world.events()
    world.cycle(1, 1.0)
    assert world.resizes() and world.events().count(("Doubled", "Normal")) == 1


def test_a_status_alone_is_no_reason_to_hurry(world: Resizing) -> None:
    world.cycle(6, 1.0)
    world.loop.cadence.hurry = False
    world.cycle(3, 1.0)
    assert not world.loop.cadence.hurry


def test_a_kill_is_answered_once_though_the_pod_shows_it_beside_its_new_limit(
    world: Resizing, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.load.used = 10.0
    killed = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": timestamps.text(world.now)}
    usual = world.api.resized

    def resized(pod: Json) -> None:
        usual(pod)
        pod["status"]["containerStatuses"][0]["lastState"] = {"terminated": killed}

    monkeypatch.setattr(world.api, "resized", resized)
    for pod in world.api.list(PODS)[:1]:
        resized(pod)
        world.api.set(f"{PODS}/{pod['metadata']['name']}", pod)
    world.cycle(30, 10.0)
    limits = [p["spec"]["containers"][0]["resources"]["limits"] for p in world.api.list(PODS)]
    assert [limit["memory"] for limit in limits] == ["256Mi", "256Mi"]
    assert [c.reason for c in world.status.changes] == ["OOMKilled"]


class Recording(FakeGateway):
    """What is asked of each resize beside its body."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[dict[str, str]] = []

    def patch(self, path: str, body: object, kind: str = "", **query: str) -> bytes:
        self.queries.append(query)
        return super().patch(path, body, kind, **query)


def test_what_was_refused_is_asked_for_as_a_dry_run_first_the_next_time() -> None:
    world, api = World(), Recording()
    made = world.api.list(PODS)[0]
    name, uid = made["metadata"]["name"], made["metadata"]["uid"]
    api.set(f"{PODS}/{name}", made)
    house = Forbidden(403, "Forbidden", "policy 'house' denied request: keep off")
    resizer = Resizer(api, Probe(api, "podtailor-system"))
    action = Resize(workload(), name, uid, stored(), {"nginx": DOUBLED}, withdraws=True)

    def resize(look: bool = True) -> Outcome:
        api.queries.clear()
        return resizer.resize(action, lambda pods: look)

    api.policy = lambda verb, path, body: house
    assert resize().reason is Reason.REFUSED
    assert api.queries == [{"fieldManager": MANAGER}]
    assert resize().reason is Reason.REFUSED
    assert api.queries == [{"fieldManager": MANAGER, "dryRun": "All"}]
    assert not resize(look=False).done and api.queries == [], "the pods are others by now"
    api.policy = lambda verb, path, body: None
    assert resize() == Outcome(done=True)
    assert api.queries == [{"fieldManager": MANAGER, "dryRun": "All"}, {"fieldManager": MANAGER}]
    assert resize() == Outcome(done=True)
    assert api.queries == [{"fieldManager": MANAGER}]
