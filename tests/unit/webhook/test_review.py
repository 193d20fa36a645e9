"""AdmissionReviews in, answers out: what is read, and what becomes of what cannot be read."""

import json

import pytest

from tests.unit.webhook import reviews
from webhook.outcome import Outcome
from webhook.review import Operation, Refusal, Review, leading_uid, read, write


def test_the_creation_of_a_pod_is_read() -> None:
    told = read(reviews.review(reviews.pod(), dryRun=True))
    assert isinstance(told, Review)
    assert (told.uid, told.namespace, told.dry_run) == (reviews.UID, "shop", True)
    assert told.pod.spec.containers is not None
    assert told.pod.spec.containers[0].resources == reviews.NGINX["resources"]


def test_the_namespace_is_the_requests_and_not_the_pods() -> None:
    told = read(reviews.review(reviews.pod(namespace="elsewhere"), namespace="shop"))
    assert isinstance(told, Review)
    assert told.namespace == "shop"


def test_a_review_whose_dry_run_is_null_is_no_dry_run() -> None:
    told = read(reviews.review(reviews.pod(), dryRun=None))
    assert isinstance(told, Review)
    assert not told.dry_run


@pytest.mark.parametrize(
    "changes",
    [
        {"operation": "UPDATE"},
        {"operation": "DELETE", "object": None},
        {"operation": "CONNECT"},
        {"operation": ""},
        {"kind": {"group": "apps", "version": "v1", "kind": "Deployment"}},
        {"kind": {"group": "example.com", "version": "v1", "kind": "Pod"}},
        {"subResource": "resize"},
    ],
    ids=str,
)
def test_anything_but_a_creation_of_a_pod_is_let_through(changes: reviews.Object) -> None:
    told = read(reviews.review(reviews.pod(), **changes))
    assert told == Refusal(reviews.UID, Outcome.NOT_A_CREATION)


@pytest.mark.parametrize(
    "made",
    [
        None,
        [],
        "pod",
        7,
        {"spec": {"containers": "none"}},
        {"spec": {"containers": [{"resources": {}}]}},
        {"metadata": {"labels": {"a": 1}}},
        {"metadata": {"ownerReferences": [{"kind": "ReplicaSet"}]}},
    ],
    ids=str,
)
def test_an_object_that_is_no_pod_is_refused_with_the_uid(made: object) -> None:
    told = read(reviews.review(made))
    assert isinstance(told, Refusal)
    assert (told.uid, told.outcome) == (reviews.UID, Outcome.BAD_REVIEW)
    assert told.detail.startswith("object: ")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"null",
        b"[]",
        b"{}",
        b'{"kind":"AdmissionReview"}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":null}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{}}',
        b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}',
        b"\xff\xfe\x00",
        b'{"kind":"\xff"}',
        b'{"kind":"\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:60]),
)
def test_a_body_that_is_no_review_is_refused(body: bytes) -> None:
    told = read(body)
    assert isinstance(told, Refusal)
    assert (told.uid, told.outcome) == ("", Outcome.BAD_REVIEW)


@pytest.mark.parametrize(
    "changed", [{"kind": "Status"}, {"apiVersion": "admission.k8s.io/v1beta1"}]
)
def test_a_review_of_another_kind_is_refused(changed: dict[str, str]) -> None:
    body = json.dumps(json.loads(reviews.review(reviews.pod())) | changed).encode()
    told = read(body)
    assert isinstance(told, Refusal)
    assert (told.uid, told.outcome) == (reviews.UID, Outcome.BAD_REVIEW)


@pytest.mark.parametrize("field", ["object", "oldObject", "unknown"])
def test_a_review_too_deep_to_be_read_still_gets_its_uid(field: str) -> None:
    deep = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    body = reviews.review("@", **{field: "@deep"}).replace(b'"@deep"', deep)
    told = read(body)
    assert isinstance(told, Refusal)
    assert (told.uid, told.outcome) == (reviews.UID, Outcome.BAD_REVIEW)


def test_a_review_that_is_cut_off_still_gets_its_uid() -> None:
    assert leading_uid(reviews.review(reviews.pod())[:300]) == reviews.UID
    assert leading_uid(b'{"request":{"object":{"uid":"no"}}}') == ""


def test_unknown_fields_are_ignored() -> None:
    made = reviews.pod()
    made["spec"]["newField"] = made["newField"] = [{"a": {"b": None}}]
    made["spec"]["volumes"] = "of another type some day"
    assert isinstance(read(reviews.review(made, newField=[1, 2])), Review)


def test_the_detail_never_shows_content() -> None:
    told = read(reviews.review({"spec": {"containers": [{"name": ["secret"]}]}}))
    assert isinstance(told, Refusal)
    assert "secret" not in told.detail


def test_an_answer_without_operations_has_no_patch() -> None:
    assert json.loads(write("u"))["response"] == {"uid": "u", "allowed": True}


def test_an_answer_with_operations_carries_them() -> None:
    told = write("u", [Operation("add", "/a", "1"), Operation("remove", "/b")])
    assert reviews.operations(told) == [
        {"op": "add", "path": "/a", "value": "1"},
        {"op": "remove", "path": "/b"},
    ]
