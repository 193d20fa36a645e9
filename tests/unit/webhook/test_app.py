"""The application: whatever is posted, the pod is allowed; readiness tells the truth."""

import json
import logging
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from store.cache import Cache
from store.model import PodSize, Workload
from tests.unit.webhook import reviews
from tests.unit.webhook.apiserver import ApiServer
from webhook.app import create_app
from webhook.body import LARGEST
from webhook.certificate import Certificate

PodsizeCache = Callable[[], Cache]


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def cache(api: ApiServer, follow: PodsizeCache) -> Cache:
    api.put(reviews.podsize(reviews.DOUBLED))
    started = follow()
    eventually(lambda: started.watch.synced)
    return started


@pytest.fixture
def http(cache: Cache, certificate: Certificate) -> FlaskClient:
    return create_app(cache, certificate, release=reviews.RELEASE).test_client()


def counted(http: FlaskClient, reason: str) -> float:
    name = f'podtailor_webhook_reviews_total{{reason="{reason}"}} '
    lines = http.get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(name)).split()[-1])


def test_a_pod_is_sized_without_a_call_to_the_api_server(http: FlaskClient, api: ApiServer) -> None:
    eventually(lambda: len(api.requests) == 2)  # list and watch
    answer = http.post("/mutate", data=reviews.review(reviews.pod()))
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert json.loads(answer.data)["response"]["uid"] == reviews.UID
    assert len(reviews.operations(answer.data)) == 3
    assert len(api.requests) == 2
    assert counted(http, "Sized") == 1


def test_a_new_size_is_injected_as_soon_as_the_watch_tells(
    http: FlaskClient, api: ApiServer
) -> None:
    api.put(reviews.podsize(reviews.DOUBLED, revision=4))
    eventually(lambda: b"size-revision" in answer_of(http) and revision(http) == "4")


def answer_of(http: FlaskClient) -> bytes:
    patch = reviews.operations(http.post("/mutate", data=reviews.review(reviews.pod())).data)
    return json.dumps(patch).encode()


def revision(http: FlaskClient) -> str:
    told: str = json.loads(answer_of(http))[-1]["value"]["podtailor.io/size-revision"]
    return told


def test_a_podsize_with_unreadable_quantities_counts_as_none(
    http: FlaskClient, api: ApiServer, cache: Cache
) -> None:
    bad = {**reviews.DOUBLED, "requests": {"cpu": "a lot"}}
    api.put(reviews.podsize(bad, revision=4))
    eventually(lambda: "a lot" in str(cache.watch.get(("shop", "replicationcontroller-web"))))
    assert answer_of(http) == b"[]"
    assert counted(http, "NotOurs") == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "BadReview"),
        (b"not json", "BadReview"),
        (b"[" * 200_000, "BadReview"),
        (reviews.review(None), "BadReview"),
        (reviews.review(reviews.pod(), operation="UPDATE"), "NotACreation"),
        (b" " * (LARGEST + 1), "TooLarge"),
        (b" " * 10_000_000, "TooLarge"),
    ],
    ids=["empty", "not JSON", "deep", "no object", "update", "a byte too large", "10 MB"],
)
def test_a_review_that_is_none_of_ours_is_allowed(
    http: FlaskClient, body: bytes, reason: str
) -> None:
    answer = http.post("/mutate", data=body, content_type="text/plain")
    assert answer.status_code == 200
    assert reviews.operations(answer.data) == []
    assert counted(http, reason) == 1


def test_a_body_too_large_keeps_its_uid(http: FlaskClient) -> None:
    body = reviews.review(reviews.pod(padding="x" * LARGEST))
    answer = http.post("/mutate", data=body)
    assert json.loads(answer.data)["response"] == {"uid": reviews.UID, "allowed": True}


def test_a_defect_of_ours_allows_the_pod_and_logs_no_content(
    http: FlaskClient,
    cache: Cache,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(workload: Workload) -> PodSize | None:
        raise RuntimeError("broken")

    monkeypatch.setattr(cache, "get", broken)
    made = reviews.pod(annotations={"password": "hunter2"})
    answer = http.post("/mutate", data=reviews.review(made))
    assert json.loads(answer.data)["response"] == {"uid": reviews.UID, "allowed": True}
    assert counted(http, "Error") == 1
    assert "review failed" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_client_that_goes_away_breaks_nothing(http: FlaskClient) -> None:
    answer = http.post("/mutate", data=b"{}", headers={"Content-Length": "4000"})
    assert reviews.operations(answer.data) == []
    assert counted(http, "Error") + counted(http, "BadReview") == 1


def test_each_review_is_one_log_line(http: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    http.post("/mutate", data=reviews.review(reviews.pod())).close()
    told = [vars(r) for r in caplog.records if r.name == "webhook.mutate"]
    assert [(r["workload"], r["revision"], r["reason"]) for r in told] == [
        ("shop/ReplicationController/web", 3, "Sized")
    ]


def test_other_paths_and_methods_are_refused(http: FlaskClient) -> None:
    assert http.get("/mutate").status_code == 405
    assert http.post("/other").status_code == 404


def test_the_webhook_is_not_ready_before_the_store_was_read(
    api: ApiServer, follow: PodsizeCache, certificate: Certificate
) -> None:
    api.put(reviews.podsize(reviews.DOUBLED))
    api.listing.clear()
    http = create_app(follow(), certificate, release=reviews.RELEASE).test_client()
    assert http.get("/livez").status_code == 200
    told = http.get("/readyz")
    assert (told.status_code, told.text) == (503, "the store has not been read yet\n")
    assert answer_of(http) == b"[]"
    assert counted(http, "NotSynced") == 1
    api.listing.set()
    eventually(lambda: http.get("/readyz").status_code == 200)
    assert answer_of(http) != b"[]"


def test_the_webhook_is_not_ready_when_the_watch_has_been_silent_too_long(
    api: ApiServer, cache: Cache, certificate: Certificate
) -> None:
    app = create_app(cache, certificate, release=reviews.RELEASE, stale=0.3)
    http = app.test_client()
    api.silent.set()
    eventually(lambda: http.get("/readyz").status_code == 503)
    assert "the API server last answered" in http.get("/readyz").text
    assert answer_of(http) != b"[]"  # what is known is still injected
    api.silent.clear()
    api.put(reviews.podsize(reviews.DOUBLED, revision=5))
    eventually(lambda: http.get("/readyz").status_code == 200)


def test_the_webhook_is_not_ready_without_a_certificate(
    cache: Cache, certificate: Certificate
) -> None:
    missing = Certificate(certificate.certificate.parent / "none")
    http = create_app(cache, missing, release=reviews.RELEASE).test_client()
    told = http.get("/readyz")
    assert (told.status_code, told.text) == (503, "no certificate is loaded\n")


def test_the_metrics_tell_age_size_and_expiry(http: FlaskClient, certificate: Certificate) -> None:
    told = dict(
        line.rsplit(" ", 1)
        for line in http.get("/metrics").text.splitlines()
        if not line.startswith("#")
    )
    assert float(told["podtailor_webhook_cache_age_seconds"]) < 5
    assert float(told["podtailor_webhook_cache_podsizes"]) == 1
    expiry = float(told["podtailor_webhook_certificate_expiry_timestamp_seconds"])
    assert expiry == certificate.not_after
    assert told['podtailor_webhook_reviews_total{reason="Error"}'] == "0.0"
