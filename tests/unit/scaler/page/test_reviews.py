"""A bearer token: who it is and what it may see, by the API server; kept briefly, not logged."""

import json
import logging
from typing import Any

import pytest

from kube.errors import Forbidden, KubeError, Unreachable
from scaler.page.doors import Asked, Refused
from scaler.page.reviews import KEPT, ReviewedDoor
from tests.fakes import FakeGateway

TOKENS = "/apis/authentication.k8s.io/v1/tokenreviews"
ACCESS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
ANNA = {"username": "anna", "uid": "7", "groups": ["team-1"], "extra": {"scopes": ["read"]}}


class Reviewing(FakeGateway):
    """Knows one token, and what its user may do."""

    def __init__(self, *may: tuple[str, str, str]) -> None:
        super().__init__()
        self.may = {*may}
        self.asked: list[tuple[str, Any]] = []
        self.failure: KubeError | None = None

    def post(self, path: str, body: object, **query: str) -> bytes:
        assert isinstance(body, dict)
        if self.failure:
            raise self.failure
        spec = body["spec"]
        self.asked.append((path, spec))
        if path == TOKENS:
            known = spec["token"] == "annas"
            return json.dumps(
                {"status": {"authenticated": known, "user": ANNA if known else {}}}
            ).encode()
        assert path == ACCESS
        what = spec["resourceAttributes"]
        assert (spec["user"], spec["groups"], spec["extra"]) == (
            "anna",
            ["team-1"],
            {"scopes": ["read"]},
        )
        assert (what["group"], what["resource"]) == ("podtailor.io", "podsizes")
        allowed = (what["verb"], what["namespace"], what["name"]) in self.may
        return json.dumps({"status": {"allowed": allowed}}).encode()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(token: str = "annas") -> Asked:
    return Asked("podtailor.example", "10.0.0.1", f"Bearer {token}")


def status_of(door: ReviewedDoor, what: Asked) -> int:
    with pytest.raises(Refused) as raised:
        door.viewer(what)
    return raised.value.status


@pytest.mark.parametrize(
    "header", ["", "annas", "Basic annas", "Bearer", "Bearer ", "Bearer x", "Bearer " + "y" * 20000]
)
def test_without_a_token_that_is_known_nothing_is_shown(header: str) -> None:
    assert status_of(ReviewedDoor(Reviewing()), Asked(authorization=header)) == 401


def test_a_viewer_may_list_everywhere_or_in_some_namespaces() -> None:
    everywhere = ReviewedDoor(Reviewing(("list", "", ""))).viewer(asked())
    assert everywhere.may_list("a") and everywhere.may_list("b")
    some = ReviewedDoor(Reviewing(("list", "a", ""))).viewer(asked())
    assert some.may_list("a") and not some.may_list("b")


def test_one_workload_is_asked_for_by_the_name_of_its_podsize() -> None:
    viewer = ReviewedDoor(Reviewing(("get", "a", "deployment-web"))).viewer(asked())
    assert viewer.may_get("a", "deployment-web") and not viewer.may_get("a", "deployment-other")


def test_answers_are_kept_for_half_a_minute_each_token_on_its_own() -> None:
    api, clock = Reviewing(("list", "", "")), Clock()
    door = ReviewedDoor(api, clock)
    for _ in range(3):
        assert door.viewer(asked()).may_list("a")
    assert len(api.asked) == 2
    assert status_of(door, asked("others")) == 401
    api.may.clear()
    clock.now = KEPT - 1
    assert door.viewer(asked()).may_list("a")
    clock.now = KEPT
    assert not door.viewer(asked()).may_list("a")


def test_no_token_is_kept_or_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    api = Reviewing()
    door = ReviewedDoor(api)
    door.viewer(asked()).may_list("a")
    assert "annas" not in repr(door._known) and "annas" not in caplog.text
    api.failure = Forbidden(403, "Forbidden", "token secret-one is not allowed")
    with pytest.raises(Refused) as raised:
        door.viewer(asked("secret-one"))
    assert raised.value.status == 503 and "secret-one" not in raised.value.message
    assert raised.value.__cause__ is None


def test_where_the_api_server_does_not_answer_nothing_is_shown_and_it_is_asked_again() -> None:
    api = Reviewing(("list", "", ""))
    door = ReviewedDoor(api)
    viewer = door.viewer(asked())
    api.failure = Unreachable(0, "", "timed out")
    with pytest.raises(Refused) as raised:
        viewer.may_list("a")
    assert raised.value.status == 503
    api.failure = None
    assert viewer.may_list("a")


def test_what_shows_nothing_of_the_cluster_is_for_everybody() -> None:
    ReviewedDoor(Reviewing()).enter(Asked("anything.example", "10.0.0.1"))
