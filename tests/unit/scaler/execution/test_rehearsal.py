"""All that a hand-over leads to is asked as a dry run: in which words, and nothing else is done."""

from typing import Any

import pytest

from kube.errors import Forbidden, Invalid, KubeError, Unreachable
from scaler.execution.rehearsal import Rehearsal
from scaler.model import HandOver, Outcome
from store.annotations import FIRST_TO_GO
from store.model import Status
from store.reasons import Reason
from tests.fakes import FakeGateway, Json
from tests.unit.scaler.builders import stored, workload
from tests.unit.scaler.execution.surging import SERVICES
from tests.unit.scaler.world import PODS

OWNER = {"apiVersion": "v1", "kind": "ReplicationController", "name": "web", "uid": "uid-rc"}
OURS = {
    "apiVersion": "podtailor.io/v1alpha1",
    "kind": "PodSize",
    "name": "replicationcontroller-web",
    "uid": "uid-podsize",
    "controller": True,
}


class Cluster(FakeGateway):
    """One pod, and all that is asked about it."""

    def __init__(self, *, served: bool) -> None:
        super().__init__()
        self.asked: list[Any] = []
        self.reads = 0
        meta = {"name": "web-1", "namespace": "shop", "uid": "u", "labels": {"of": "web"}}
        owners = {"ownerReferences": [{**OWNER, "controller": True}]}
        self.set(f"{PODS}/web-1", {"metadata": {**meta, **owners}, "spec": {"containers": []}})
        if served:
            spec = {"selector": {"of": "web"}}
            self.set(f"{SERVICES}/web", {"metadata": {"name": "web"}, "spec": spec})

    def get(self, path: str, **query: str) -> bytes:
        self.reads += path == f"{PODS}/web-1"
        return super().get(path, **query)

    def patch(self, path: str, body: object, kind: str = "", **query: str) -> bytes:
        self.asked.append((path, body, query))
        return super().patch(path, body, kind, **query)

    def delete(self, path: str, body: object = None, **query: str) -> bytes:
        self.asked.append((path, body, query))
        return super().delete(path, body, **query)


def answers(api: Cluster) -> list[Outcome | None]:
    action = HandOver(workload(), "web-1", "u", "uid-podsize", stored(), Status(), "7")
    return [ask() for _, ask in Rehearsal(api, action).questions()]


@pytest.mark.parametrize("served", [False, True], ids=["no Service", "a Service"])
def test_the_hand_over_with_its_drain_and_the_deletion_are_asked_of_the_pod_as_it_is(
    served: bool,
) -> None:
    api = Cluster(served=served)
    seen = {
        "uid": "u",
        "resourceVersion": api.objects[f"{PODS}/web-1"]["metadata"]["resourceVersion"],
    }
    assert answers(api) == [None, None]
    changes: Json = {"ownerReferences": [OURS, {**OWNER, "controller": False}]}
    changes |= {"labels": {"of": None}, "annotations": FIRST_TO_GO} if served else {}
    assert api.asked == [
        (f"{PODS}/web-1", {"metadata": {**seen, **changes}}, {"dryRun": "All"}),
        (f"{PODS}/web-1", {"preconditions": seen, "dryRun": ["All"]}, {}),
    ]
    assert api.reads == 1
    assert api.writes == []


HOUSE = Forbidden(403, "Forbidden", "policy 'house' denied request: keep off")
SLOW = Unreachable(0, "ReadTimeoutError", "Read timed out.")
WAITS = "no answer in time, though the API server answers: a webhook on pods is slow or away"
UNASKED = Invalid(400, "BadRequest", 'admission webhook "a.b" does not support dry run')


def refused(words: str) -> Outcome:
    return Outcome(done=False, reason=Reason.REFUSED, message=f"web-1 may not be {words}")


@pytest.mark.parametrize(
    ("error", "verb", "served", "answer"),
    [
        (HOUSE, "PATCH", False, refused(f"handed over: {HOUSE.message}")),
        (HOUSE, "PATCH", True, refused(f"handed over and drained: {HOUSE.message}")),
        (HOUSE, "DELETE", True, refused(f"deleted: {HOUSE.message}")),
        (SLOW, "DELETE", False, refused(f"deleted: {WAITS}")),
        (UNASKED, "PATCH", False, None),
        (UNASKED, "DELETE", False, None),
    ],
    ids=[
        *("the hand-over", "the drain", "the deletion", "a slow webhook"),
        *("one that does no dry runs", "of deletions"),
    ],
)
def test_who_refuses_it_is_quoted(
    error: KubeError, verb: str, served: bool, answer: Outcome | None
) -> None:
    api = Cluster(served=served)
    api.policy = lambda asked, path, body: error if asked == verb else None
    assert answers(api) == ([answer, None] if verb == "PATCH" else [None, answer])


def test_a_server_that_fails_is_no_refusal() -> None:
    api = Cluster(served=False)
    api.policy = lambda asked, path, body: Unreachable(500, "InternalError", "etcd")
    with pytest.raises(Unreachable):
        answers(api)
