"""Statuses become types, and no more of a body than one line gets out."""

import json

import pytest

from kube import errors
from kube.errors import KubeError, TooMany, error_of


def status(**fields: object) -> bytes:
    return json.dumps({"kind": "Status", **fields}).encode()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, errors.Invalid),
        (401, errors.Forbidden),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.Gone),
        (422, errors.Invalid),
        (429, errors.TooMany),
        (500, errors.Unreachable),
        (502, errors.Unreachable),
        (503, errors.Unreachable),
        (504, errors.Unreachable),
        (0, errors.Unreachable),
        (302, KubeError),
        (405, KubeError),
        (418, KubeError),
    ],
)
def test_each_status_has_its_type(code: int, kind: type[KubeError]) -> None:
    error = error_of(code, status(reason="Why", message="what"))
    assert type(error) is kind
    assert (error.status, error.reason, error.message) == (code, "Why", "what")
    assert str(error) == f"{code} Why: what"


def test_an_error_inside_a_watch_has_the_status_that_the_body_names() -> None:
    error = error_of(200, status(code=410, reason="Expired", message="too old"))
    assert type(error) is errors.Gone


def test_the_bodys_code_never_overrules_a_status_that_says_failure() -> None:
    assert type(error_of(409, status(code=404))) is errors.Conflict


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>secret</html>",
        b"\xff\xfe",
        b'{"message": "\xff"}',
        b"[]",
        b"null",
        b'"secret"',
        b'{"message": 5}',
        b'{"code": null}',
        b'{"kind":"Secret","data":{"p":"secret"}}',
    ],
)
def test_a_body_that_is_no_status_is_left_out(body: bytes) -> None:
    error = error_of(502, body)
    assert type(error) is errors.Unreachable
    assert str(error) == "502 : no message"


def test_a_long_message_is_cut() -> None:
    assert len(error_of(403, status(message="x" * 10_000)).message) == 512


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("10", 10.0),
        ("0", 0.0),
        (None, 0.0),
        ("", 0.0),
        ("-5", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
    ],
)
def test_the_time_to_wait_is_a_number_of_seconds(header: str | None, seconds: float) -> None:
    error = error_of(429, status(), header)
    assert isinstance(error, TooMany)
    assert error.retry_after == seconds


def test_a_budget_s_429_is_not_the_server_s_own() -> None:
    cause = {"causes": [{"reason": "DisruptionBudget", "message": "needs 1 healthy pods"}]}
    evicted = error_of(429, status(message="Cannot evict pod", details=cause))
    assert isinstance(evicted, TooMany) and evicted.budget
    for details in ({"retryAfterSeconds": 1}, {"causes": None}, None):
        busy = error_of(429, status(message="too many requests", details=details))
        assert isinstance(busy, TooMany) and not busy.budget
