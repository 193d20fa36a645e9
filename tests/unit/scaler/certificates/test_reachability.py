"""Why the webhook cannot be reached, tried on real loopback sockets."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaler.certificates import reachability
from scaler.certificates.webhook_configuration import Client, ServiceReference
from tests.unit.webhook import certs


@pytest.fixture
def made() -> tuple[bytes, bytes]:
    return certs.pair()


@pytest.fixture
def port(made: tuple[bytes, bytes], tmp_path: Path) -> Iterator[int]:
    """Somebody who serves TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs.write(tmp_path, made), tmp_path / "tls.key")
    with socket.create_server(("127.0.0.1", 0)) as plain:
        thread = threading.Thread(target=_serve, args=(plain, context), daemon=True)
        thread.start()
        yield plain.getsockname()[1]
        plain.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(plain: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            caller, _ = plain.accept()
        except OSError:
            return
        with caller:
            try:
                context.wrap_socket(caller, server_side=True).close()
            except OSError:
                continue


def at(port: int, bundle: bytes | None) -> Client:
    return Client(bundle, f"https://127.0.0.1:{port}/mutate")


def test_a_webhook_whose_certificate_the_bundle_covers_is_reachable(
    made: tuple[bytes, bytes], port: int
) -> None:
    assert reachability.problem(at(port, made[0])) is None


def test_a_certificate_that_the_bundle_does_not_cover_is_named(port: int) -> None:
    message = reachability.problem(at(port, certs.pair("somebody else")[0])) or ""
    assert message.startswith(f"TLS with 127.0.0.1:{port} fails") and "certificate" in message
    assert "TLS" in (reachability.problem(at(port, None)) or "")


def test_a_bundle_without_certificates_is_named(port: int) -> None:
    assert "TLS" in (reachability.problem(at(port, b"garbage")) or "")


def test_a_webhook_that_nobody_serves_is_named(made: tuple[bytes, bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    message = reachability.problem(at(port, made[0])) or ""
    assert f"no answer from 127.0.0.1:{port}" in message


def test_a_service_name_that_is_unknown_outside_the_cluster_is_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    assert reachability.problem(Client(None, service=ServiceReference("webhook", "ns"))) is None
    assert reachability.problem(Client()) is None


def test_a_service_is_called_by_the_name_that_its_certificate_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[object] = []

    def note(address: object, timeout: float) -> None:
        called.append(address)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", note)
    message = reachability.problem(
        Client(None, service=ServiceReference("webhook", "ns", port=8443))
    )
    assert called == [("webhook.ns.svc", 8443)] and "timed out" in (message or "")
