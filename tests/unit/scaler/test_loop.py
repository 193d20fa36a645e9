"""The loop against an API server in memory: what the world looks like at the end, not the calls."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kube import objects, timestamps
from kube.errors import Conflict, Forbidden, TooMany, Unreachable
from scaler.execution.actuator import Actuator
from scaler.execution.webhook_probe import Probe
from scaler.loop import Loop
from scaler.permissions import Permissions
from scaler.reporting.reporter import Reporter
from scaler.settings import Settings
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute, Reading
from scaler.watches import Observer
from store.model import Phase, PodSize, Status
from store.reasons import Reason
from tests.fakecluster import FakeCluster
from tests.fakes import Json, Killed
from tests.unit.scaler.builders import NOW, ours

RC = "/api/v1/namespaces/shop/replicationcontrollers/web"
PODS = "/api/v1/namespaces/shop/pods"
PODSIZE = "/apis/podtailor.io/v1alpha1/namespaces/shop/podsizes/replicationcontroller-web"


class Once(threading.Event):
    """Stops a watch after one attempt: it has then told everything that there is."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


class Load(Windows):
    """Every container of every pod uses the same."""

    used: float | Reason = 10.0

    def minute(self, pod: objects.Pod, container: str, now: float) -> Minute | NoMinute:
        if isinstance(self.used, Reason):
            return NoMinute(self.used, "told so")
        return Minute(self.used, 60.0, 0, now)


class World:
    """A cluster with one ReplicationController of two pods, and a scaler."""

    def __init__(self) -> None:
        self.api = FakeCluster()
        self.now = NOW
        self.load = Load()
        self.api.set("/api/v1/namespaces/shop", {"metadata": {"name": "shop"}})
        self.api.set("/api/v1/nodes/node", _node())
        self.annotate(mode="auto")
        self.api.settle()
        self.start()

    def annotate(self, replicas: int = 2, **values: str) -> None:
        self.api.set(RC, _controller(ours(values), replicas))

    def start(self, **settings: Any) -> None:
        """A new scaler, which knows nothing."""
        self.observer = Observer(self.api, lambda key: None)
        probe = Probe(self.api, "podtailor-system", wait=lambda seconds: None)
        self.loop = Loop(
            Settings(**settings),
            self.observer,
            self.load,
            Actuator(self.api, self.observer.store, probe),
            Reporter(self.api, "test"),
            threading.Event(),
            lambda: self.now,
        )

    def cycle(self, times: int = 1, seconds: float = 10.0) -> None:
        for _ in range(times):
            self.now += seconds
            self.api.clock = timestamps.text(self.now)
            for watch in self.observer.watches():
                watch.run(Once())
            self.loop.cycle(self.now)

    @property
    def podsize(self) -> PodSize:
        for watch in self.observer.watches():
            watch.run(Once())
        found = self.observer.store.named(("shop", "replicationcontroller-web"))
        assert found is not None
        return found

    @property
    def status(self) -> Status:
        return self.podsize.status

    def limits(self) -> list[str]:
        return sorted(
            p["spec"]["containers"][0]["resources"]["limits"]["cpu"] for p in self.api.list(PODS)
        )

    def events(self) -> list[tuple[str, str]]:
        found = self.api.list("/apis/events.k8s.io/v1/events")
        return [(e["reason"], e["type"]) for e in found]


def _controller(annotations: dict[str, str], replicas: int) -> Json:
    resources = {
        "requests": {"cpu": "250m", "memory": "64Mi"},
        "limits": {"cpu": "500m", "memory": "128Mi"},
    }
    spec = {"containers": [{"name": "nginx", "image": "nginx", "resources": resources}]}
    return {
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "uid-web",
            "generation": 1,
            "annotations": annotations,
        },
        "spec": {
            "replicas": replicas,
            "template": {"metadata": {"labels": {"of": "web"}}, "spec": spec},
        },
        "status": {"observedGeneration": 1},
    }


def _node() -> Json:
    return {
        "metadata": {"name": "node"},
        "status": {
            "allocatable": {"cpu": "64", "memory": "64Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def hot(world: World) -> World:
    """Enrolled, and busy."""
    world.cycle(2)
    world.load.used = 490
    return world


def test_two_hot_pods_are_doubled_one_after_the_other(hot: World) -> None:
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]
    status = hot.status
    assert (status.phase, status.reason) == (Phase.SETTLED, Reason.DOUBLED)
    assert status.size == status.last_good and status.size and status.size.revision == 1
    assert (status.pods.total, status.pods.current, status.restarts.count) == (2, 2, 2)
    assert {c.type: c.status for c in status.conditions} == {
        "Applied": "True",
        "WebhookVerified": "True",
    }


def test_a_workload_is_enrolled_within_a_cycle_and_owns_its_podsize(world: World) -> None:
    world.cycle()
    assert world.podsize.owned
    world.cycle()
    assert world.status.reason is Reason.IN_BOUNDS


def test_a_podsize_that_people_made_is_adopted_and_obeyed(world: World) -> None:
    spec = {
        "workloadRef": {"apiVersion": "v1", "kind": "ReplicationController", "name": "web"},
        "containers": [{"name": "nginx", "limits": {"cpu": "700m"}}],
    }
    meta = {"name": "replicationcontroller-web", "namespace": "shop", "generation": 1}
    world.api.set(PODSIZE, {"metadata": meta, "spec": spec})
    world.cycle(8)
    assert world.podsize.owned
    assert world.limits() == ["700m", "700m"]
    assert world.status.reason is Reason.MANUAL


def test_an_idle_cluster_is_not_written_to(world: World) -> None:
    world.cycle(3)
    before = list(world.api.writes)
    for used in (10.0, 300.0, 449.0, 5.0) * 5:
        world.load.used = used
        world.cycle()
    assert world.api.writes == before


def test_nor_is_one_that_has_settled_after_a_change(hot: World) -> None:
    hot.cycle(8)
    hot.load.used = 500
    before = list(hot.api.writes)
    hot.cycle(20)
    assert hot.api.writes == before


def test_nor_is_it_by_a_new_scaler_that_knows_no_usage_yet(hot: World) -> None:
    hot.cycle(8)
    before = list(hot.api.writes)
    hot.start()
    for told in (Reason.WARMING_UP, Reason.WARMING_UP, 500.0):
        hot.load.used = told
        hot.cycle()
    assert hot.api.writes == before


def test_a_conflict_on_the_status_is_read_again(hot: World) -> None:
    hot.api.conflicts = 3
    hot.cycle(12)
    assert hot.limits() == ["1", "1"] and hot.status.phase is Phase.SETTLED


def test_a_watch_that_expired_is_listed_again(hot: World) -> None:
    hot.api.expired = True
    hot.cycle(10)
    assert hot.limits() == ["1", "1"]


def test_a_budget_is_told_once_and_waited_out(hot: World) -> None:
    hot.api.budget = True
    hot.cycle(3)
    before = list(hot.api.writes)
    hot.cycle(20)
    assert [w for w in hot.api.writes[len(before) :] if "eviction" not in w] == []
    assert (hot.status.phase, hot.status.reason) == (Phase.BLOCKED, Reason.DISRUPTION_BUDGET)
    assert hot.status.restarts.count == 0, "a refusal uses up no restart"
    assert hot.limits() == ["500m", "500m"]
    assert hot.events().count(("DisruptionBudget", "Warning")) == 1
    hot.api.budget = False
    hot.cycle(8)
    assert hot.limits() == ["1", "1"] and hot.status.restarts.count == 2


def test_a_budget_is_not_asked_at_every_turn(hot: World) -> None:
    """A busy cluster wakes the loop many times a second."""
    hot.api.budget = True
    hot.cycle(3)
    before = hot.api.calls
    hot.cycle(20, seconds=0.05)
    assert hot.api.calls == before


def test_a_webhook_that_is_not_seen_is_told_once_and_nobody_is_taken(hot: World) -> None:
    hot.api.asked = False
    hot.cycle(3)
    before = list(hot.api.writes)
    hot.cycle(20)
    assert hot.api.writes == before
    assert (hot.status.phase, hot.status.reason) == (Phase.BLOCKED, Reason.WEBHOOK_UNVERIFIED)
    assert hot.limits() == ["500m", "500m"]
    assert hot.events().count(("WebhookUnverified", "Warning")) == 1
    assert {c.type: c.status for c in hot.status.conditions}["WebhookVerified"] == "False"
    hot.api.asked = True
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        (TooMany("TooManyRequests", "the last one just went", 0.0), Reason.DISRUPTION_BUDGET),
        (
            Unreachable(500, "InternalError", "This pod has more than one PodDisruptionBudget"),
            Reason.DISRUPTION_BUDGET,
        ),
        (Unreachable(503, "ServiceUnavailable", "starting"), Reason.PENDING_REPLACEMENT),
        (Forbidden(403, "Forbidden", "no right"), Reason.PENDING_REPLACEMENT),
        (Conflict(409, "Conflict", "another UID"), Reason.PENDING_REPLACEMENT),
        (ZeroDivisionError("a bug of ours"), Reason.PENDING_REPLACEMENT),
    ],
    ids=["a budget meanwhile", "several budgets", "server", "right", "uid", "bug"],
)
def test_a_refusal_after_the_claim_is_survived(
    hot: World, refusal: Exception, reason: Reason
) -> None:
    hot.api.refusal = refusal
    hot.cycle(3)
    assert hot.limits() == ["500m", "500m"] and hot.status.reason is reason
    hot.api.refusal = None
    hot.cycle(8)
    assert hot.limits() == ["1", "1"] and hot.status.phase is Phase.SETTLED


def test_a_template_that_moved_on_is_left_alone(hot: World) -> None:
    hot.cycle()
    made = hot.api.objects[RC]
    made["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"
    hot.api.set(RC, made)
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    hot.cycle(5)
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids
    assert hot.status.reason is Reason.TEMPLATE_CHANGED
    assert "image" in hot.status.message and hot.status.restarts.count == 0


def test_an_edited_manifest_is_in_force_and_doubled_from_there(hot: World) -> None:
    hot.cycle(8)
    hot.load.used = 500
    made = hot.api.objects[RC]
    resources = made["spec"]["template"]["spec"]["containers"][0]["resources"]
    resources |= {"requests": {"cpu": "300m"}, "limits": {"cpu": "600m"}}
    hot.api.set(RC, made)
    hot.api.remove(f"{PODS}/{hot.api.list(PODS)[0]['metadata']['name']}")
    hot.api.settle()
    hot.cycle(3, seconds=1)
    assert hot.status.changes[0].reason is Reason.MANIFEST_CHANGED
    hot.cycle(8)
    assert hot.limits() == ["600m", "600m"]
    hot.load.used = 590
    hot.cycle(20)
    assert hot.limits() == ["1200m", "1200m"]


def test_a_size_is_as_old_as_its_write_not_as_its_decision(hot: World) -> None:
    """A call for another workload may hang in between; see history.dated."""
    hot.loop.clock = lambda: hot.now + 60
    hot.cycle()
    assert [c.at for c in hot.status.changes] == [timestamps.text(hot.now + 60)]


class ProbedOnly(FakeCluster):
    """Answers probes, but is never asked for the workload's pods: a selector that is wrong."""

    def settle(self, ready: bool | None = None) -> None:
        self.asked = False
        super().settle(ready)
        self.asked = True


def test_pods_that_come_without_their_size_are_not_taken_over_and_over(hot: World) -> None:
    hot.api.__class__ = ProbedOnly
    hot.cycle(4)
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    assert hot.status.backoff.failures == 1
    hot.cycle(20)
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids
    assert hot.status.reason is Reason.BACKING_OFF
    hot.cycle(20)  # the five minutes are over: one more is tried
    assert hot.status.backoff.failures == 2
    hot.api.__class__ = FakeCluster
    hot.cycle(80)
    assert hot.limits() == ["1", "1"]
    assert hot.status.backoff.failures == 0


def test_no_pod_is_taken_of_one_that_is_paused_in_the_middle(hot: World) -> None:
    hot.cycle(2)
    assert hot.limits() == ["1", "500m"]
    hot.annotate(mode="auto", paused="true")
    hot.cycle(10)
    assert hot.limits() == ["1", "500m"] and hot.status.reason is Reason.PAUSED
    hot.annotate(mode="auto")
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]


def test_there_and_back_again_restarts_nobody(hot: World) -> None:
    """auto, observe, auto, off, auto: pods stay, revisions grow."""
    hot.cycle(8)
    hot.load.used = 500
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    revisions = []
    for mode in ("observe", "auto", "off", "auto"):
        hot.annotate(mode=mode)
        hot.cycle(4)
        revisions.append(hot.status.size.revision if hot.status.size else None)
    assert revisions == [1, 1, None, 2]
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids
    hot.load.used = 990
    hot.cycle(20)
    assert hot.limits() == ["2", "2"]


def test_a_deleted_podsize_is_made_again_and_nobody_is_taken(hot: World) -> None:
    hot.cycle(8)
    hot.load.used = 500
    hot.api.remove(PODSIZE)
    uids = {p["metadata"]["uid"] for p in hot.api.list(PODS)}
    hot.cycle(6)
    assert hot.limits() == ["1", "1"] and hot.status.size and hot.status.size.revision == 2
    assert {p["metadata"]["uid"] for p in hot.api.list(PODS)} == uids


def test_who_is_not_the_leader_does_nothing(hot: World) -> None:
    before = list(hot.api.writes)
    hot.loop.permissions = Permissions(leader=lambda: False)
    hot.cycle(5)
    assert hot.api.writes == before


def test_the_kill_switch_on_our_own_deployment_stops_everything(hot: World) -> None:
    hot.start(deployment="podtailor-scaler")
    meta = {
        "name": "podtailor-scaler",
        "namespace": "podtailor-system",
        "annotations": ours({"paused": "true"}),
    }
    path = "/apis/apps/v1/namespaces/podtailor-system/deployments/podtailor-scaler"
    hot.api.set(path, {"metadata": meta})
    hot.cycle(5)
    assert hot.limits() == ["500m", "500m"] and hot.status.reason is Reason.PAUSED
    hot.api.remove(path)
    hot.cycle(8)
    assert hot.limits() == ["1", "1"]


def test_a_dry_run_only_tells(hot: World) -> None:
    hot.start(dry_run=True)
    hot.cycle(5)
    assert hot.status.size is None and hot.status.reason is Reason.PAUSED
    assert [c.name for c in hot.status.wish] == ["nginx"]


def test_a_watch_of_pods_that_is_behind_takes_no_second_one(hot: World) -> None:
    """The eviction is answered before the watch tells of it."""
    hot.cycle()
    stale = hot.observer.pods.snapshot()
    hot.cycle()
    hot.observer.pods.snapshot = lambda: stale  # type: ignore[method-assign]
    for _ in range(5):
        hot.loop.cycle(hot.now)
    assert hot.limits() == ["1", "500m"] and hot.status.restarts.count == 1


def deaths() -> Iterator[Any]:
    for after in (False, True):
        for call in range(1, 60):
            yield pytest.param(call, after, id=f"{'after' if after else 'before'} call {call}")


@pytest.mark.parametrize(("call", "after"), list(deaths()))
def test_a_scaler_that_dies_anywhere_is_finished_by_the_next(call: int, after: bool) -> None:
    """Whatever it did last, no pod is lost, none is taken twice, and the end is the same."""
    world = World()
    world.load.used = 490
    world.api.killed_at, world.api.after = call, after
    try:
        world.cycle(10)
    except Killed:
        world.start()
    world.api.killed_at = None
    world.cycle(10)
    assert world.limits() == ["1", "1"]
    assert (world.status.phase, world.status.reason) == (Phase.SETTLED, Reason.DOUBLED)
    assert sum("/eviction" in w for w in world.api.writes) == 2
    assert world.status.restarts.count in (2, 3), "at most the one that was on record is counted"


def test_three_pods_are_in_flight_in_the_cluster_at_most(world: World) -> None:
    for n in range(5):
        made = _controller(ours({"mode": "auto"}), 2)
        made["metadata"] |= {"name": f"app-{n}", "uid": f"uid-app-{n}"}
        made["spec"]["template"]["metadata"] = {"labels": {"of": f"app-{n}"}}
        world.api.set(RC.replace("/web", f"/app-{n}"), made)
    world.api.settle()
    world.cycle(2)
    world.api.settle = lambda ready=True: None  # type: ignore[method-assign]
    world.load.used = 490
    world.cycle(10)
    assert len(world.api.list(PODS)) == 12 - 3


def test_one_workload_that_is_not_understood_does_not_stop_the_others(
    hot: World, caplog: pytest.LogCaptureFixture
) -> None:
    class Bad(Load):
        used = 490.0

        def minute(self, pod: objects.Pod, container: str, now: float) -> Minute | NoMinute:
            if pod.metadata.name.startswith("app"):
                raise ZeroDivisionError
            return super().minute(pod, container, now)

    made = _controller(ours({"mode": "auto"}), 1)
    made["metadata"] |= {"name": "app", "uid": "uid-app"}
    hot.api.set(RC.replace("/web", "/app"), made)
    hot.api.settle()
    hot.load = Bad()
    hot.start()
    hot.cycle(8)
    assert hot.limits() == ["1", "1", "500m"]
    assert "no verdict" in caplog.text


def _made(pod: Any) -> float:
    return timestamps.seconds(pod["metadata"]["creationTimestamp"]) or 0.0


def test_real_windows_decide_from_real_readings() -> None:
    """The thesis's rule through the sampler: two minutes of 490 m of 500 m."""
    world = World()
    world.load = Windows()  # type: ignore[assignment]
    world.start()
    used = 0.0
    for _ in range(20):
        used += 0.49 * 10
        samples = [
            Sample(
                "shop",
                p["metadata"]["name"],
                "nginx",
                Reading(world.now, world.now, used, 0, _made(p)),
            )
            for p in world.api.list(PODS)
        ]
        world.loop.windows.take_in(samples, world.now)
        world.cycle()
    assert world.limits() == ["1", "1"]
