"""The gateway against a server with scripted answers."""

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kubernetes import client

from kube import errors
from kube.gateway import APPLY_PATCH, MERGE_PATCH, Gateway, connect
from kube.official import InClusterConfigLoader
from tests.unit.kube.scripted import Answer, Script, Stream, event, failure, pod

Call = Callable[[Gateway], bytes]
CALLS: dict[str, Call] = {
    "GET": lambda g: g.get("/p"),
    "POST": lambda g: g.post("/p", {"a": 1}),
    "PUT": lambda g: g.put("/p", {"a": 1}),
    "PATCH": lambda g: g.patch("/p", {"a": 1}),
    "DELETE": lambda g: g.delete("/p", {"a": 1}),
}
each_call = pytest.mark.parametrize("method", CALLS)


@each_call
def test_a_call_sends_json_and_returns_the_body(method: str, api: Script, gateway: Gateway) -> None:
    api.answers = [Answer(201, b'{"b": 2}')]
    assert CALLS[method](gateway) == b'{"b": 2}'
    (asked,) = api.asked
    assert (asked.method, asked.path) == (method, "/p")
    assert asked.headers["Accept"] == "application/json"
    assert asked.body == (b"" if method == "GET" else b'{"a":1}')


@pytest.mark.parametrize("kind", [MERGE_PATCH, APPLY_PATCH])
def test_a_patch_names_its_kind(kind: str, api: Script, gateway: Gateway) -> None:
    gateway.patch("/p", {}, kind, fieldManager="podtailor", force="true")
    assert api.asked[0].headers["Content-Type"] == kind
    assert api.asked[0].query == {"fieldManager": "podtailor", "force": "true"}


def test_a_query_is_escaped(api: Script, gateway: Gateway) -> None:
    gateway.get("/p", labelSelector="a=b,c in (d, é)&x", **{"continue": "a+b/="})
    expected = {"labelSelector": "a=b,c in (d, é)&x", "continue": "a+b/="}
    assert api.asked[0].query == expected


@each_call
def test_a_silent_server_is_unreachable_in_time(method: str, api: Script, hasty: Gateway) -> None:
    api.answers = [Answer(after=60)]
    began = time.monotonic()
    with pytest.raises(errors.Unreachable):
        CALLS[method](hasty)
    assert time.monotonic() - began < 10  # of 60
    assert len(api.asked) == 1  # no hidden retry


def test_a_host_that_swallows_everything_is_unreachable_in_time() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        host = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(errors.Unreachable):
            Gateway(client.Configuration(host=host), timeout=0.3).get("/p")
        assert time.monotonic() - began < 10


def test_an_address_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refused
        host = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(errors.Unreachable) as caught:
            Gateway(client.Configuration(host=host)).get("/p")
    assert caught.value.status == 0


@each_call
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, errors.NotFound),
        (409, errors.Conflict),
        (422, errors.Invalid),
        (410, errors.Gone),
        (500, errors.Unreachable),
        (302, errors.KubeError),
    ],
)
def test_a_refusal_is_an_error_with_its_reason(
    method: str, status: int, kind: type[errors.KubeError], api: Script, gateway: Gateway
) -> None:
    body = json.dumps(failure(status, "Why", "what")).encode()
    api.answers = [Answer(status, body, {"Location": api.url + "/elsewhere"})]
    with pytest.raises(kind, match=f"{status} Why: what"):
        CALLS[method](gateway)
    assert len(api.asked) == 1  # neither tried again nor redirected


def test_a_refusal_by_a_budget_says_when_to_try_again(api: Script, gateway: Gateway) -> None:
    api.answers = [Answer(429, b"{}", {"Retry-After": "10"})]
    with pytest.raises(errors.TooMany) as caught:
        gateway.post("/eviction", {})
    assert caught.value.retry_after == 10.0


def test_a_connection_is_used_again_also_after_a_refusal(api: Script, gateway: Gateway) -> None:
    api.answers = [Answer(404), Answer()]
    with pytest.raises(errors.NotFound):
        gateway.get("/p")
    gateway.get("/p")
    assert gateway._pool.connection_from_url(api.url).num_connections == 1


def test_a_stream_gives_whole_lines_as_they_come(api: Script, gateway: Gateway) -> None:
    api.watches = [stream := Stream()]
    lines = gateway.stream("/p", silence=2.0, watch="true")
    for name in ("a", "b" * 200_000):
        sent = event("ADDED", pod(name, 1))
        stream.send(sent)
        assert json.loads(next(lines)) == sent
    stream.lines.put(b'{"type": "AD')  # the server dies in the middle of a line
    stream.close()
    assert list(lines) == []


def test_a_stream_that_falls_silent_is_unreachable(api: Script, gateway: Gateway) -> None:
    api.watches = [Stream(event("ADDED", pod("a", 1)))]
    lines = gateway.stream("/p", silence=0.2, watch="true")
    assert next(lines)
    began = time.monotonic()
    with pytest.raises(errors.Unreachable):
        next(lines)
    assert time.monotonic() - began < 10


def test_a_refused_stream_is_an_error_at_once(api: Script, gateway: Gateway) -> None:
    api.watches = [Answer(410, json.dumps(failure(410, "Expired")).encode())]
    with pytest.raises(errors.Gone):
        gateway.stream("/p", silence=1.0, watch="true")


def in_cluster(api: Script, folder: Path, token: str) -> tuple[Gateway, Path]:
    secret, ca = folder / "token", folder / "ca.crt"
    secret.write_text(token)
    ca.write_text("not used over plain HTTP")
    there = {"KUBERNETES_SERVICE_HOST": "x", "KUBERNETES_SERVICE_PORT": "1"}
    configuration = client.Configuration()
    loader = InClusterConfigLoader(str(secret), str(ca), environ={**os.environ, **there})
    loader._token_refresh_period *= 0  # read the file each time, not each minute
    loader.load_and_set(configuration)
    configuration.ssl_ca_cert = None
    gateway = Gateway(configuration)
    loader.host, loader.ssl_ca_cert = api.url, None
    configuration.host = api.url
    return gateway, secret


def test_a_token_that_the_kubelet_renews_is_used(api: Script, tmp_path: Path) -> None:
    gateway, secret = in_cluster(api, tmp_path, "old")
    gateway.get("/p")
    secret.write_text("new")
    gateway.get("/p")
    assert [one.headers["authorization"] for one in api.asked] == ["bearer old", "bearer new"]
    assert gateway.trust().authorization == "bearer new"


def test_a_token_that_has_gone_is_our_own_error(api: Script, tmp_path: Path) -> None:
    gateway, secret = in_cluster(api, tmp_path, "old")
    secret.unlink()
    with pytest.raises(errors.Unreachable, match="NoIdentity"):
        gateway.get("/p")
    assert api.asked == []


def test_outside_a_cluster_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", "/nowhere")
    with pytest.raises(errors.Unreachable, match="no cluster to connect to"):
        connect()
