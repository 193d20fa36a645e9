"""Does the webhook answer a dry run with the stored revision, and what is said if not?"""

import json
from typing import Any

import pytest

from kube.errors import Forbidden
from scaler.execution.probe_pod import House, manifest
from scaler.execution.webhook_probe import Probe
from store.model import Workload
from tests.fakes import FakeGateway
from tests.unit.scaler.builders import workload


class Answering(FakeGateway):
    """Answers probes with these revisions, one after the other; None: not stamped."""

    def __init__(self, *revisions: int | None) -> None:
        super().__init__()
        self.revisions = list(revisions)
        self.bodies: list[Any] = []

    def post(self, path: str, body: object, **query: str) -> bytes:
        assert path == "/api/v1/namespaces/release/pods" and query == {"dryRun": "All"}
        self.bodies.append(body)
        revision = self.revisions.pop(0) if len(self.revisions) > 1 else self.revisions[0]
        stamps = {} if revision is None else {"podtailor.io/size-revision": str(revision)}
        return json.dumps({"metadata": {"annotations": stamps}}).encode()


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((3,), None),
        ((2, 2, 3), None),
        ((2,), "the webhook still answers with revision 2 instead of 3"),
        ((4,), "the webhook still answers with revision 4 instead of 3"),
        ((0,), "the webhook still answers with revision 0 instead of 3"),
        ((None,), "pods are created without the webhook"),
    ],
    ids=["this one", "after a moment", "an old one", "another", "none", "not asked"],
)
def test_a_probe_must_come_back_with_the_stored_revision(
    answers: tuple[int | None, ...], message: str | None
) -> None:
    waited: list[float] = []
    probe = Probe(Answering(*answers), "release", wait=waited.append)
    got = probe.shortcoming(workload(), 3)
    assert (got is None) if message is None else (got is not None and got.startswith(message))
    assert sum(waited) <= 1.01


def test_a_refusal_of_the_probe_is_reported() -> None:
    class Refusing(FakeGateway):
        def post(self, path: str, body: object, **query: str) -> bytes:
            raise Forbidden(403, "Forbidden", "no right to create pods")

    message = Probe(Refusing(), "release").shortcoming(workload(), 3)
    assert message == "the probe was refused: no right to create pods"


def test_the_probe_names_the_podsize_and_meets_the_restricted_standard() -> None:
    made: Any = manifest(Workload("apps/v1", "Deployment", "shop", "web"), "release", House())
    assert made["metadata"]["annotations"] == {"podtailor.io/probe-for": "shop/deployment-web"}
    assert made["metadata"]["labels"] == {"podtailor.io/probe": "true"}
    assert made["spec"]["securityContext"]["runAsNonRoot"] is True
    context = made["spec"]["containers"][0]["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["allowPrivilegeEscalation"] is False


def test_another_revision_is_asked_for_again_for_a_second_where_that_may_be_waited_for() -> None:
    waited: list[float] = []
    api = Answering(2)
    probe = Probe(api, "release", wait=waited.append)
    assert probe.shortcoming(workload(), 3)
    assert len(api.bodies) == 5 and waited == [0.01, 0.03, 0.1, 0.86, 0.0]
    waited.clear()
    assert probe.shortcoming(workload(), 3, patient=False)
    assert len(api.bodies) == 6 and waited == [0.0]


def test_what_is_in_the_way_of_the_webhook_is_said_where_it_is_known() -> None:
    probe = Probe(Answering(None), "release")
    without = "pods are created without the webhook: "
    assert probe.shortcoming(workload(), 3) == f"{without}not reached, or its entry is missing"
    probe.diagnosis = lambda: "its Service has no endpoints"
    assert probe.shortcoming(workload(), 3) == f"{without}its Service has no endpoints"


def test_an_answer_of_a_moment_ago_holds_for_its_workload_and_revision() -> None:
    now = [10.0]
    api = Answering(3)
    probe = Probe(api, "release", monotonic=lambda: now[0])

    def asks(revision: int = 3, of: Workload | None = None) -> bool:
        before = len(api.bodies)
        probe.shortcoming(of or workload(), revision, patient=False)
        return len(api.bodies) > before

    assert asks() and not asks()
    assert asks(4), "of another revision"
    assert asks(of=workload("Deployment"))
    now[0] = 11.9
    assert not asks()
    now[0] = 12.0
    assert asks(), "two seconds ago"
    now[0] = 5.0
    assert asks(), "a clock that stepped back"
