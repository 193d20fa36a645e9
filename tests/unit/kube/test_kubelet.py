"""Reading a kubelet: against real TLS servers on loopback, good ones and bad ones."""

import datetime
import ipaddress
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kube.errors import Forbidden, KubeError, NotFound, Unreachable
from kube.gateway import Trust
from kube.kubelet import KubeletReader, Page, Unverified

Behaviour = Callable[[ssl.SSLSocket], None]
HERE = "127.0.0.1"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nmetric 1"


class Authority:
    """A CA and certificates by it, as files under `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.file = self._write(f"{name}.crt", self._certificate(self._name, self._key, None))

    def pair(self, name: str, address: str) -> tuple[str, str]:
        """Certificate and key files for a server at `address`, or a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        certificate = self._certificate(subject, key, address)
        return self._write(f"{name}.crt", certificate), self._write(f"{name}.key", pem)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, address: str | None
    ) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        builder = x509.CertificateBuilder(self._name, subject, key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - day).not_valid_after(now + day)
        builder = builder.add_extension(x509.BasicConstraints(address is None, None), True)
        if address is not None:
            names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            builder = builder.add_extension(names, False)
        signed = builder.sign(self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def _write(self, name: str, data: bytes) -> str:
        (self._folder / name).write_bytes(data)
        return str(self._folder / name)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "cluster")


@contextmanager
def kubelet(pair: tuple[str, str], behaviour: Behaviour, client_ca: str = "") -> Iterator[int]:
    """A TLS server that does `behaviour` with each connection; yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED

    def serve(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                behaviour(tls)
        except OSError:
            connection.close()  # the client went away, as it should

    with listening(serve) as port:
        yield port


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    server = socket.create_server((HERE, 0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def request(tls: ssl.SSLSocket) -> str:
    got = b""
    while not got.endswith(b"\r\n\r\n"):
        got += tls.recv(4096) or b"\r\n\r\n"
    return got.decode()


def answering(data: bytes) -> Behaviour:
    def behave(tls: ssl.SSLSocket) -> None:
        request(tls)
        tls.sendall(data)
        tls.unwrap()

    return behave


def trickling(data: bytes) -> Behaviour:
    """The same byte again and again, after `data`, as long as the client stays."""

    def behave(tls: ssl.SSLSocket) -> None:
        request(tls)
        tls.sendall(data)
        for _ in range(200):
            tls.sendall(b"a")
            time.sleep(0.05)

    return behave


def silent(tls: ssl.SSLSocket) -> None:
    request(tls)
    tls.recv(1)


def reader(ca: Authority, *, verify: bool = True, token: str | None = None) -> KubeletReader:
    return KubeletReader(lambda: Trust(ca.file, None, None, token), verify=verify)


def test_metrics_are_read_from_a_verified_kubelet_with_our_token(ca: Authority) -> None:
    seen: list[str] = []

    def behave(tls: ssl.SSLSocket) -> None:
        seen.append(request(tls))
        tls.sendall(GOOD)

    tokens = (f"Bearer {n}" for n in itertools.count())
    asking = KubeletReader(lambda: Trust(ca.file, None, None, next(tokens)), verify=True)
    with kubelet(ca.pair("node", HERE), behave) as port, closing(asking):
        assert [asking.read(HERE, port, 5) for _ in range(2)] == ["metric 1"] * 2
    assert all(s.startswith("GET /metrics/resource HTTP/1.1\r\n") for s in seen)
    assert ["Authorization: Bearer 0\r\n" in seen[0], "Bearer 1\r\n" in seen[1]] == [True, True]


def test_a_client_certificate_is_shown(ca: Authority) -> None:
    trust = Trust(ca.file, *ca.pair("scaler", HERE), None)
    with kubelet(ca.pair("node", HERE), answering(GOOD), client_ca=ca.file) as port:
        with closing(KubeletReader(lambda: trust, verify=True)) as asking:
            assert asking.read(HERE, port, 5) == "metric 1"
        with pytest.raises(Unreachable):
            reader(ca).read(HERE, port, 5)


@pytest.mark.parametrize("address", [HERE, "127.0.0.9"], ids=["another CA", "another address"])
def test_a_certificate_that_is_not_trusted_is_told_apart(
    ca: Authority, tmp_path: Path, address: str
) -> None:
    theirs = ca if address != HERE else Authority(tmp_path, "stranger")
    with kubelet(theirs.pair("node", address), answering(GOOD)) as port:
        with pytest.raises(Unverified, match=r"certificate of the kubelet at .* be verified"):
            reader(ca, token="Bearer secret").read(HERE, port, 5)
        with closing(reader(ca, verify=False)) as careless:
            assert careless.read(HERE, port, 5) == "metric 1"


ANSWERS = [
    ("no right", b"HTTP/1.1 403 Forbidden\r\n\r\n", Forbidden, "nodes/metrics"),
    ("no identity", b"HTTP/1.1 401 Unauthorized\r\n\r\n", Forbidden, "nodes/metrics"),
    ("an old kubelet", b"HTTP/1.1 404 Not Found\r\n\r\n", NotFound, "404"),
    ("broken inside", b"HTTP/1.1 500 Oh\r\n\r\n", Unreachable, "500"),
    ("a redirect", b"HTTP/1.1 302 There\r\nLocation: https://x/\r\n\r\n", KubeError, "302"),
    ("not HTTP", b"SSH-2.0-OpenSSH\r\n", Unreachable, "BadStatusLine"),
    ("nothing", b"", Unreachable, "RemoteDisconnected"),
    ("cut off", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nmetric 1", Unreachable, "Incomplete"),
    ("not text", b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe", Unreachable, "UnicodeDecodeError"),
    ("endless headers", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 999, Unreachable, "headers"),
    ("17 MiB", b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 17 * 2**20, Unreachable, "more than"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "error", "part"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_a_bad_answer_is_one_of_our_errors(
    ca: Authority, name: str, data: bytes, error: type[KubeError], part: str
) -> None:
    with (
        kubelet(ca.pair("node", HERE), answering(data)) as port,
        pytest.raises(error, match=part),
    ):
        reader(ca).read(HERE, port, 5)


SLOW = [
    ("hangs", silent),
    ("trickles its headers", trickling(b"HTTP/1.1 200 OK\r\nx: ")),
    ("trickles its body", trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")),
    ("trickles an endless body", trickling(b"HTTP/1.1 200 OK\r\n\r\n")),
]


@pytest.mark.parametrize(("name", "behaviour"), SLOW, ids=[s[0] for s in SLOW])
def test_a_slow_kubelet_holds_nobody_beyond_the_deadline(
    ca: Authority, name: str, behaviour: Behaviour
) -> None:
    with kubelet(ca.pair("node", HERE), behaviour) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"did not answer within 0\.4 s"):
            reader(ca).read(HERE, port, 0.4)
        assert time.monotonic() - began < 10


def test_a_kubelet_that_never_begins_tls_is_given_up(ca: Authority) -> None:
    def trickle(connection: socket.socket) -> None:
        with connection:
            # The header of a long TLS record, and then a byte of it now and then.
            for byte in b"\x16\x03\x03\x40\x00" + bytes(60):
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.05)

    with listening(trickle) as port:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="did not answer"):
            reader(ca).read(HERE, port, 0.4)
        assert time.monotonic() - began < 10


def test_a_kubelet_that_does_not_listen_is_unreachable(ca: Authority) -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        reader(ca).read(HERE, port, 5)


def test_a_kubelet_is_not_asked_when_no_time_is_left(ca: Authority) -> None:
    with pytest.raises(Unreachable, match="did not answer within 0 s"):
        reader(ca).read(HERE, 1, 0)


CADVISOR = Page("/metrics/cadvisor", (b"rss{", b"cache{"), (b'rss{n=""',))
LINES = [b"rss{n=%d} 1" % n + b"," * 40 for n in range(9000)]
LARGE = b"\n".join(
    line for rss in LINES for line in (b"# HELP rss{", b"threads{} 7", b'rss{n=""} 9', rss)
)


def sent(body: bytes, length: int | None = None) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (length or len(body)) + body


def test_of_a_large_page_only_the_lines_that_count_are_kept(ca: Authority) -> None:
    serving = kubelet(ca.pair("node", HERE), answering(sent(LARGE)))
    with serving as port, closing(reader(ca)) as asking:
        got = asking.read(HERE, port, 20, CADVISOR)
    assert got.encode().split(b"\n") == LINES


def test_a_large_page_that_breaks_off_is_none(ca: Authority) -> None:
    broken = sent(LARGE[:300_000], len(LARGE))
    refused = pytest.raises(Unreachable, match="IncompleteRead")
    with kubelet(ca.pair("node", HERE), answering(broken)) as port, refused:
        reader(ca).read(HERE, port, 20, CADVISOR)


def test_a_refusal_names_the_page(ca: Authority) -> None:
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"
    refused = pytest.raises(KubeError, match="302 to GET /metrics/cadvisor")
    with kubelet(ca.pair("node", HERE), answering(moved)) as port, refused:
        reader(ca).read(HERE, port, 5, CADVISOR)
