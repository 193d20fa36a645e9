"""The real program over TLS on loopback: what only a real server can get wrong."""

import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.webhook import apiserver, certs, reviews, serving

CONNECTIONS = 100
REVIEW = reviews.review(reviews.pod())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Served]:
    with apiserver.running() as api:
        api.put(reviews.podsize(reviews.DOUBLED))
        with serving.ready(tmp_path_factory.mktemp("webhook"), api) as running:
            yield running


def sized(answer: bytes) -> bool:
    return len(reviews.operations(answer)) == 3


def open_silently(served: serving.Served, stack: ExitStack, kind: str) -> None:
    """A connection that takes up room and says nothing (more)."""
    plain = stack.enter_context(socket.create_connection(("127.0.0.1", served.port), 5))
    if kind == "handshake":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        stack.enter_context(context.wrap_socket(plain))
    elif kind == "half a hello":
        hello, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(hello, out, server_hostname="x")
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        plain.sendall(out.read()[:40])


@pytest.mark.parametrize("silent", ["nothing", "half a hello", "handshake"])
def test_a_burst_of_cold_connections_among_silent_ones_is_answered(
    served: serving.Served, silent: str
) -> None:
    """What Go's transport does when many pods are created at once; see webhook/worker.py."""
    gate = threading.Barrier(CONNECTIONS)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(CONNECTIONS))

        def one(i: int) -> bool:
            connection = served.connect(timeout=8)
            stack.callback(connection.close)
            gate.wait(30)
            open_silently(served, stack, silent)
            return sized(serving.send(connection, REVIEW))

        assert list(pool.map(one, range(CONNECTIONS))) == [True] * CONNECTIONS
        assert served.get("/livez")[0] == 200


def test_silent_connections_do_not_keep_a_review_waiting(served: serving.Served) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            open_silently(served, stack, "handshake")
        began = time.monotonic()
        assert sized(served.post(REVIEW))
        assert time.monotonic() - began < 4


def test_requests_that_stop_half_way_hold_the_threads_for_a_while_only(
    served: serving.Served,
) -> None:
    with ExitStack() as stack:
        for _ in range(16):
            connection = served.connect()
            stack.callback(connection.close)
            connection.putrequest("POST", "/mutate")
            connection.putheader("Content-Length", "4000")
            connection.endheaders(b'{"kind":')
        connection = served.connect(timeout=4)
        stack.callback(connection.close)
        assert sized(serving.send(connection, REVIEW))


def test_a_connection_is_used_again_and_again(served: serving.Served) -> None:
    connection = served.connect()
    serving.send(connection, REVIEW)
    first = connection.sock
    for _ in range(20):
        assert sized(serving.send(connection, REVIEW))
    assert connection.sock is first
    connection.close()


def test_a_body_of_10_mb_is_answered_and_the_connection_stays(served: serving.Served) -> None:
    connection = served.connect()
    body = reviews.review(reviews.pod(padding="x" * 10_000_000))
    assert reviews.operations(serving.send(connection, body)) == []
    assert sized(serving.send(connection, REVIEW))
    connection.close()


def test_a_chunked_body_is_read(served: serving.Served) -> None:
    connection = served.connect()
    connection.request("POST", "/mutate", iter([REVIEW[:100], REVIEW[100:]]), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    assert sized(connection.getresponse().read())
    connection.close()


@pytest.mark.parametrize("junk", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 90])
def test_a_client_that_does_not_speak_tls_breaks_nothing(
    served: serving.Served, junk: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 5) as plain:
        plain.sendall(junk)
        assert sized(served.post(REVIEW))


def test_the_log_has_no_traceback(served: serving.Served) -> None:
    assert "Traceback" not in served.log.read_text()


def test_a_new_certificate_is_served_to_the_next_connection(
    api: apiserver.ApiServer, tmp_path: Path
) -> None:
    with serving.ready(tmp_path, api) as served:
        kept = served.connect()
        serving.send(kept, REVIEW)
        new = certs.pair("new")
        (tmp_path / "tls.crt").write_bytes(new[0])  # half of it: the old pair goes on
        assert served.get("/readyz")[0] == 200
        certs.write(tmp_path, new)
        told = ssl.get_server_certificate(("127.0.0.1", served.port))
        assert ssl.PEM_cert_to_DER_cert(told) == ssl.PEM_cert_to_DER_cert(new[0].decode())
        serving.send(kept, REVIEW)
        kept.close()


def test_the_certificate_is_waited_for(api: apiserver.ApiServer, tmp_path: Path) -> None:
    with serving.started(tmp_path, api, PODTAILOR_LOG_FORMAT="json") as served:
        deadline = time.monotonic() + 10
        while "waiting for the certificate" not in served.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        certs.write(tmp_path, certs.pair())
        served.wait_ready()


def test_the_wait_for_the_certificate_ends_with_sigterm(
    api: apiserver.ApiServer, tmp_path: Path
) -> None:
    with serving.started(tmp_path, api) as served:
        while "waiting for the certificate" not in served.log.read_text():
            time.sleep(0.05)
        assert served.terminate() == 0


def test_sigterm_drops_no_review(api: apiserver.ApiServer, tmp_path: Path) -> None:
    """Clients keep their connections busy; each answer arrives whole until the server closes."""
    api.put(reviews.podsize(reviews.DOUBLED))
    with serving.ready(tmp_path, api) as served, ExitStack() as stack:
        answered, lost = [0] * 4, []
        for _ in range(20):
            open_silently(served, stack, "handshake")

        def keep_asking(i: int) -> None:
            connection = served.connect()
            while True:
                try:
                    connection.connect() if connection.sock is None else None
                except OSError:
                    return  # refused: the listener is closed
                try:
                    assert sized(serving.send(connection, REVIEW))
                    answered[i] += 1
                except OSError as e:
                    lost.append(repr(e))
                    return

        threads = [threading.Thread(target=keep_asking, args=(i,)) for i in range(4)]
        for thread in threads:
            thread.start()
        while min(answered) < 20:
            time.sleep(0.01)
        began = time.monotonic()
        assert served.terminate() == 0
        assert time.monotonic() - began < 15
        for thread in threads:
            thread.join()
        assert lost == []


def test_a_killed_worker_is_replaced(api: apiserver.ApiServer, tmp_path: Path) -> None:
    with serving.ready(tmp_path, api) as served:
        children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
        os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
        time.sleep(0.2)
        served.wait_ready()


def test_the_webhook_ends_with_one_line_where_no_api_server_can_be_read(
    api: apiserver.ApiServer, tmp_path: Path
) -> None:
    certs.write(tmp_path, certs.pair())
    none = str(tmp_path / "none")
    with serving.started(tmp_path, api, KUBECONFIG=none) as served:
        assert served.process.wait(20) != 0
        told = served.log.read_text()
        assert "no API server to read from" in told
        assert "Traceback" not in told
