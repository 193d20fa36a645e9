"""Each call of a hand-over by itself: what it changes, and what comes of a refusal."""

from typing import Any

import pytest

from kube import objects
from kube.errors import Forbidden
from scaler.execution.handover import Handover
from scaler.execution.preflight import CHANGED
from scaler.execution.refusal import StatusRefused
from scaler.execution.rights_policy import RightsPolicy
from scaler.execution.webhook_probe import Probe
from scaler.model import Delete, Drain, HandBack, Outcome
from store.annotations import SURPLUS
from store.model import Status
from store.reasons import Reason
from tests.fakes import FakeGateway, Json
from tests.unit.scaler.builders import workload
from tests.unit.scaler.execution.surging import SERVICES, controller_of
from tests.unit.scaler.world import PODS

RC_OWNER = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web", "uid": "uid-rc"}
TOOL = {"apiVersion": "example.com/v1", "kind": "Tool", "name": "t", "uid": "uid-tool"}


def held(name: str) -> Json:
    """A pod that its PodSize holds, and that somebody else owns as well."""
    ours = {"apiVersion": "podtailor.io/v1alpha1", "kind": "PodSize", "name": "w", "uid": "uid-ps"}
    owners = [{**ours, "controller": True}, {**RC_OWNER, "controller": False}, TOOL]
    meta = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "ownerReferences": owners}
    return {"metadata": meta, "spec": {"containers": []}}


def holding(*names: str) -> FakeGateway:
    api = FakeGateway()
    for name in names:
        api.set(f"{PODS}/{name}", held(name))
    return api


def hands(api: FakeGateway, now: list[float]) -> Handover:
    probe = Probe(api, "podtailor-system")
    return Handover(api, probe, RightsPolicy(api), 2.0, lambda: now[0])


@pytest.mark.parametrize(
    "refused", [False, True], ids=["recorded", "its status may not be written"]
)
def test_a_pod_that_is_handed_back_keeps_its_other_owners(refused: bool) -> None:
    api = holding("web-1")

    def claim(action: Any) -> None:
        if refused:
            raise StatusRefused(403, "Forbidden", "keep off")

    back = HandBack(workload(), "web-1", "uid-web-1", Status(), "7")
    got = hands(api, [0.0]).hand_back(back, lambda pods: True, claim)
    said = Outcome(done=True, unwritten=True, message="keep off")
    assert got == (said if refused else Outcome(done=True))
    owners = api.objects[f"{PODS}/web-1"]["metadata"]["ownerReferences"]
    assert owners == [{**RC_OWNER, "controller": False}, TOOL]


def test_each_drained_pod_has_its_own_pause_which_starts_again_in_a_new_process() -> None:
    api, now = holding("web-1", "web-2"), [100.0]
    ours = hands(api, now)

    def delete(name: str) -> bool:
        action = Delete(workload(), name, f"uid-{name}")
        got = ours.delete(action, lambda pods: True)
        assert got.done or (got.message, got.soon) == ("draining", True)
        return got.done

    assert not delete("web-1")
    now[0] = 101.0
    assert not delete("web-2")
    now[0] = 101.9
    assert not delete("web-1")
    now[0] = 102.0
    assert delete("web-1") and not delete("web-2")
    now[0] = 103.0
    assert delete("web-2")
    assert api.list(PODS) == []
    api.set(f"{PODS}/web-2", held("web-2"))
    assert not delete("web-2"), "nothing is remembered of what was deleted"


def refusing(api: FakeGateway, verb: str) -> None:
    house = Forbidden(403, "Forbidden", "admission policy 'house' denied request: keep off")
    api.policy = lambda asked, path, body: house if asked == verb else None


def at_once(api: FakeGateway) -> Outcome:
    delete = Delete(workload(), "web-1", "uid-web-1", at_once=True)
    return hands(api, [100.0]).delete(delete, lambda pods: True)


def test_what_is_deleted_at_once_waits_for_nothing() -> None:
    api = holding("web-1")
    assert at_once(api) == Outcome(done=True)
    assert api.list(PODS) == []


def test_what_may_not_be_deleted_at_once_goes_back_to_its_owner_as_the_first_to_go() -> None:
    api = holding("web-1")
    refusing(api, "DELETE")
    words = "web-1 is handed back: admission policy 'house' denied request: keep off"
    assert at_once(api) == Outcome(done=False, reason=Reason.REFUSED, message=words)
    meta = api.objects[f"{PODS}/web-1"]["metadata"]
    assert meta["annotations"] == SURPLUS
    assert [o["kind"] for o in meta["ownerReferences"]] == ["ReplicationController", "Tool"]


def test_a_drained_pod_that_may_not_be_deleted_stays_held() -> None:
    """Its owner would adopt a pod that serves nobody."""
    api, now = holding("web-1"), [100.0]
    refusing(api, "DELETE")
    ours, delete = hands(api, now), Delete(workload(), "web-1", "uid-web-1")
    ours.delete(delete, lambda pods: True)
    now[0] = 102.0
    with pytest.raises(Forbidden):
        ours.delete(delete, lambda pods: True)
    assert controller_of(api.objects[f"{PODS}/web-1"]) == "PodSize"


PEERS = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/db"


def served() -> FakeGateway:
    """A held pod that a Service selects; another namespace has a Service of its name."""
    api = holding("web-1")
    made = api.objects[f"{PODS}/web-1"]
    api.set(f"{PODS}/web-1", {**made, "metadata": {**made["metadata"], "labels": {"of": "web"}}})
    api.set(f"{SERVICES}/web", {"metadata": {"name": "web"}, "spec": {"selector": {"of": "web"}}})
    labels = {"kubernetes.io/service-name": "web"}
    points = [{"targetRef": {"uid": "uid-web-2"}, "conditions": {"ready": True}}]
    meta = {"name": "x", "namespace": "else"}
    api.set(
        "/apis/discovery.k8s.io/v1/namespaces/else/endpointslices/x",
        {"metadata": {**meta, "labels": labels}, "endpoints": points},
    )
    api.set(
        "/apis/networking.k8s.io/v1/namespaces/else/networkpolicies/x",
        {"metadata": meta, "spec": {"podSelector": {}}},
    )
    return api


def drain(api: FakeGateway, *others: str) -> Outcome:
    action = Drain(workload(), "web-1", "uid-web-1", tuple(f"uid-{name}" for name in others))
    return hands(api, [0.0]).drain(action, lambda pods: True)


@pytest.mark.parametrize("what", ["drain", "delete", "hand back"])
def test_nothing_is_done_where_a_fresh_list_of_the_namespace_leads_elsewhere(what: str) -> None:
    api = served()
    api.set("/api/v1/namespaces/else/pods/x", {**held("x"), "spec": {"containers": []}})
    w, seen = workload(), list[str]()

    def recheck(pods: list[objects.Pod]) -> bool:
        seen.extend(p.metadata.name for p in pods)
        return False

    def claim(action: Any) -> None:
        raise AssertionError("nothing is written")

    ours = hands(api, [0.0])
    calls = {
        "drain": lambda: ours.drain(Drain(w, "web-1", "uid-web-1"), recheck),
        "delete": lambda: ours.delete(Delete(w, "web-1", "uid-web-1", at_once=True), recheck),
        "hand back": lambda: ours.hand_back(
            HandBack(w, "web-1", "uid-web-1", Status(), "7"), recheck, claim
        ),
    }
    assert calls[what]() == CHANGED
    assert seen == ["web-1"]
    assert api.writes == []


@pytest.mark.parametrize(
    ("others", "ready", "waits"),
    [(("web-2",), True, True), (("web-2",), False, False), ((), True, False)],
    ids=["it is Ready", "it is not Ready", "it is somebody else's"],
)
def test_another_pod_of_the_owner_that_is_ready_has_to_be_listed_first(
    others: tuple[str, ...], ready: bool, waits: bool
) -> None:
    api = served()
    made = held("web-2")
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    meta = {**made["metadata"], "labels": {"of": "web"}}
    api.set(f"{PODS}/web-2", {**made, "metadata": meta, "status": {"conditions": conditions}})
    got = drain(api, *others)
    why = "web-2 is not listed for Service web yet"
    assert got == (
        Outcome(done=False, message=why, soon=True)
        if waits
        else Outcome(done=True, message="drained", soon=True)
    )


def test_a_pod_that_is_drained_keeps_its_place_for_a_moment() -> None:
    api = served()
    assert drain(api) == Outcome(done=True, message="drained", soon=True)
    assert not api.objects[f"{PODS}/web-1"]["metadata"]["labels"]


def test_a_pod_that_is_not_drained_as_others_go_by_its_labels_goes_at_once_and_that_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    api = served()
    peer = {"from": [{"podSelector": {"matchLabels": {"of": "web"}}}]}
    spec = {"podSelector": {"matchLabels": {"of": "db"}}, "ingress": [peer]}
    api.set(PEERS, {"metadata": {"name": "db", "namespace": "shop"}, "spec": spec})
    assert drain(api) == Outcome(done=True)
    assert api.list(PODS) == []
    said = [r.__dict__ for r in caplog.records if r.msg == "not drained"]
    why = "networkpolicies select by its labels"
    assert [(r["pod"], r["why"]) for r in said] == [("shop/web-1", why)]
