"""Authorities of older clusters are trusted under every Python, as Python 3.13 and later begin.

What those set of themselves is set here, so that any Python shows it.
"""

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client
from urllib3.util import ssl_

from kube import verifying
from kube.errors import Unreachable
from kube.gateway import Gateway, Trust
from kube.kubelet import KubeletReader, Unverified
from tests.unit.kube.test_kubelet import GOOD, HERE, Authority, kubelet

Making = Callable[..., ssl.SSLContext]


def strictly(make: Making) -> Making:
    def made(*given: Any, **named: Any) -> ssl.SSLContext:
        context = make(*given, **named)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    return made


@pytest.fixture(autouse=True)
def as_python_3_13(monkeypatch: pytest.MonkeyPatch) -> None:
    made = strictly(ssl.create_default_context)
    monkeypatch.setattr(ssl, "create_default_context", made)
    made = strictly(ssl_.create_urllib3_context)
    monkeypatch.setattr(ssl_, "create_urllib3_context", made)


@pytest.fixture
def old(tmp_path: Path) -> Authority:
    """It says nothing of its key's use, and nothing of who signed."""
    return Authority(tmp_path, "old")


@pytest.fixture
def port(old: Authority) -> Iterator[int]:
    def answer(tls: ssl.SSLSocket) -> None:
        tls.recv(65536)
        tls.sendall(GOOD)

    with kubelet(old.pair("server", HERE), answer) as port:
        yield port


def gateway(port: int, ca: str | None) -> Gateway:
    configuration = client.Configuration(host=f"https://{HERE}:{port}")
    configuration.ssl_ca_cert = ca
    return Gateway(configuration, timeout=5)


def test_without_the_cleared_flag_older_authorities_are_refused(
    old: Authority, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "as_clusters_are", lambda context: context)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        gateway(port, old.file).get("/version")


def test_the_api_server_is_trusted(old: Authority, port: int) -> None:
    assert gateway(port, old.file).get("/version") == b"metric 1"


def test_a_kubelet_is_trusted(old: Authority, port: int) -> None:
    reader = KubeletReader(lambda: Trust(old.file, None, None, None), verify=True)
    with closing(reader):
        assert reader.read(HERE, port, 5) == "metric 1"


def test_another_authority_is_not_trusted(tmp_path: Path, port: int) -> None:
    another = Authority(tmp_path, "another").file
    for ca in (another, None):
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            gateway(port, ca).get("/version")
    with pytest.raises(Unverified):
        KubeletReader(lambda: Trust(another, None, None, None), verify=True).read(HERE, port, 5)


def test_a_server_that_shall_not_be_verified_is_trusted_unverified(port: int) -> None:
    configuration = client.Configuration(host=f"https://{HERE}:{port}")
    configuration.verify_ssl = False
    with pytest.warns(match="Unverified HTTPS request"):
        assert Gateway(configuration, timeout=5).get("/version") == b"metric 1"


def test_the_system_s_authorities_are_trusted_where_no_other_is_named(
    old: Authority, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ours(context: ssl.SSLContext, *_: object) -> None:
        context.load_verify_locations(old.file)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", ours)
    assert gateway(port, None).get("/version") == b"metric 1"


def test_many_connections_may_begin_at_once(old: Authority) -> None:
    """With one context for all, keys are read into what others are shaking hands with."""

    def answer(tls: ssl.SSLSocket) -> None:
        tls.recv(65536)
        tls.sendall(GOOD.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

    with (
        kubelet(old.pair("server", HERE), answer) as port,
        ThreadPoolExecutor(16) as threads,
    ):
        configuration = client.Configuration(host=f"https://{HERE}:{port}")
        configuration.ssl_ca_cert = old.file
        configuration.cert_file, configuration.key_file = old.pair("client", HERE)
        asked = Gateway(configuration, timeout=5)
        for _ in range(60):
            answers = list(threads.map(lambda _: asked.get("/version"), range(16)))
            assert answers == [b"metric 1"] * 16
