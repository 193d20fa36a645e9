"""What is asked before a pod is taken, by eviction or by hand-over, each in its turn."""

from collections.abc import Callable
from typing import Any

import pytest

from kube.errors import Conflict, Forbidden
from scaler.execution.eviction import Evictor
from scaler.execution.handover import Handover
from scaler.execution.preflight import CHANGED
from scaler.execution.questions import Questions
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from scaler.model import Evict, HandOver, Outcome
from store.model import Status
from store.reasons import Reason
from tests.fakes import FakeGateway, Json
from tests.unit.scaler.builders import stored, workload
from tests.unit.scaler.world import PODS, RC

R = Reason
OWNER = {"kind": "ReplicationController", "name": "web", "uid": "uid-rc", "controller": True}


class Cluster(FakeGateway):
    """One pod of one workload; the webhook answers with these revisions, and then the last."""

    def __init__(self, *revisions: int) -> None:
        super().__init__()
        self.policy_in_force = True
        self.revisions = [*(revisions or (3,))]
        self.set(RC, {"metadata": {"name": "web", "uid": "uid-rc"}, "spec": {"template": spec()}})
        meta = {"name": "web-1", "namespace": "shop", "uid": "uid-web-1"}
        self.set(f"{PODS}/web-1", {"metadata": {**meta, "ownerReferences": [OWNER]}, **spec()})

    def dry(self, body: Json) -> Json:
        revision = self.revisions.pop(0) if len(self.revisions) > 1 else self.revisions[0]
        stamps = {"podtailor.io/size-revision": str(revision)}
        return {**body, "metadata": {**body["metadata"], "annotations": stamps}}

    def edited(self) -> None:
        self.set(RC, {**self.objects[RC], "spec": {"template": spec("other")}})

    def gone(self) -> bool:
        """Whether the pod is gone, or held."""
        found = self.list(PODS)
        return not found or found[0]["metadata"]["ownerReferences"][0]["kind"] == "PodSize"


def spec(image: str = "one") -> Json:
    return {"spec": {"containers": [{"name": "nginx", "image": image}]}}


class Taker:
    """Takes the pod in one of the two ways. `claims`: which dry runs there were of its status."""

    def __init__(self, api: Cluster, way: str) -> None:
        self.api, self.way, self.asked = api, way, Questions()
        self.claims: list[bool] = []
        self.waits: list[float] = []
        self.claimed: Callable[[bool], None] = lambda dry: None
        now = iter(range(0, 100_000, 10))  # no answer is fresh
        self.probe = Probe(
            api, "podtailor-system", wait=self.waits.append, monotonic=lambda: float(next(now))
        )

    def claim(self, action: Any, *, dry: bool = False) -> None:
        self.claims.append(dry)
        self.claimed(dry)

    def take(self, look: bool = True) -> Outcome:
        w, name, uid = workload(), "web-1", "uid-web-1"
        if self.way == "evict":
            evict = Evict(w, name, uid, stored(3), Status(), "7")
            return Evictor(self.api, self.probe, asked=self.asked).take(
                evict, lambda pods: look, self.claim
            )
        hand_over = HandOver(w, name, uid, "uid-podsize", stored(3), Status(), "7")
        hands = Handover(self.api, self.probe, RightsPolicy(self.api), asked=self.asked)
        return hands.hand_over(hand_over, lambda pods: look, self.claim)


@pytest.fixture(params=["evict", "hand over"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_pod_is_taken_once_all_have_said_yes(way: str) -> None:
    taker = Taker(Cluster(), way)
    got = taker.take()
    assert got.done and taker.claims == [False]
    assert taker.api.gone()
    assert bool(got.version) is (way == "hand over")


def test_not_where_it_would_come_back_as_another_program(way: str) -> None:
    api = Cluster()
    api.edited()
    got = Taker(api, way).take()
    assert (got.done, got.reason, got.read) == (False, R.TEMPLATE_CHANGED, True)
    assert got.message == "spec.containers[nginx].image is not what the template says"
    assert not api.gone() and api.writes == []


def test_not_where_the_webhook_answers_with_another_revision(way: str) -> None:
    taker = Taker(Cluster(2), way)
    got = taker.take()
    assert (got.done, got.reason) == (False, R.WEBHOOK_UNVERIFIED)
    assert not taker.api.gone() and not taker.claims


def test_a_webhook_that_is_a_moment_behind_is_waited_for_but_not_after_a_no(way: str) -> None:
    taker = Taker(Cluster(2, 3), way)
    assert taker.take().done and sum(taker.waits) > 0
    doubted = Taker(Cluster(2), way)
    doubted.take()
    doubted.waits.clear()
    assert doubted.take().reason is R.WEBHOOK_UNVERIFIED
    assert sum(doubted.waits) == 0, "who said no last is asked once"


def test_not_where_a_fresh_list_leads_elsewhere(way: str) -> None:
    taker = Taker(Cluster(), way)
    assert taker.take(look=False) == CHANGED
    assert not taker.api.gone() and not taker.claims


def test_a_status_that_could_not_be_written_is_asked_for_as_a_dry_run_the_next_time(
    way: str,
) -> None:
    taker = Taker(Cluster(), way)

    def claimed(dry: bool) -> None:
        raise Conflict(409, "Conflict", "somebody wrote first")

    taker.claimed = claimed
    for claims in ([False], [False, True]):
        with pytest.raises(Conflict):
            taker.take()
        assert taker.claims == claims
    taker.claimed = lambda dry: None
    assert taker.take().done
    assert taker.claims == [False, True, True, False]


def test_what_was_refused_as_it_was_done_is_asked_first_the_next_time(way: str) -> None:
    taker = Taker(Cluster(), way)
    house = Forbidden(403, "Forbidden", "policy 'house' denied request: keep off")
    refuses = [False]

    def policy(verb: str, path: str, body: Json) -> Exception | None:
        ours = path.endswith("/eviction") if way == "evict" else "ownerReferences" in str(body)
        return house if refuses[0] and ours else None

    taker.api.policy = policy
    taker.claimed = lambda dry: refuses.__setitem__(0, True)  # from now on, and not before
    if way == "evict":
        assert taker.take().reason is R.REFUSED
    else:
        with pytest.raises(Forbidden):
            taker.take()
    before = len(taker.claims)
    got = taker.take()
    assert got.reason is R.REFUSED and "keep off" in got.message
    assert len(taker.claims) == before, "nothing is counted for it again"
    assert not taker.api.gone()
