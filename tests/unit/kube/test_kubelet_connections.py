"""Connections that are kept: one handshake for many pages, and never an answer of another one."""

import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from kube import kubelet_connections
from kube.errors import KubeError, Unreachable
from kube.gateway import Trust
from kube.kubelet import KubeletReader, Page, Unverified
from tests.unit.kube.test_kubelet import GOOD, HERE, Authority, Behaviour, kubelet, request

CADVISOR = Page("/metrics/cadvisor", (b"/metrics",))


def sent(body: bytes, *more: bytes) -> bytes:
    """An answer after which the connection goes on; `more`: headers."""
    head = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *more]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


class Serving:
    """A kubelet that answers with the path that it was asked for. Counts handshakes."""

    def __init__(self, answer: Callable[[bytes, int], bytes] = lambda path, n: sent(path)) -> None:
        """`answer`: to a path, as the n-th answer on its connection; b"": none, and it ends."""
        self.handshakes = 0
        self._answer = answer

    def __call__(self, tls: ssl.SSLSocket) -> None:
        self.handshakes += 1
        number = 0
        while asked := request(tls).strip():
            if not (data := self._answer(asked.split(" ")[1].encode(), number)):
                return
            tls.sendall(data)
            number += 1


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "cluster")


@contextmanager
def asked(ca: Authority, behaviour: Behaviour) -> Iterator[tuple[KubeletReader, int]]:
    reader = KubeletReader(lambda: Trust(ca.file, None, None, "Bearer t"), verify=True)
    with kubelet(ca.pair("node", HERE), behaviour) as port, closing(reader):
        yield reader, port


def test_both_pages_and_the_next_time_take_one_handshake(ca: Authority) -> None:
    serving = Serving()
    with asked(ca, serving) as (reader, port):
        for _ in range(3):
            assert reader.read(HERE, port, 5) == "/metrics/resource"
            assert reader.read(HERE, port, 5, CADVISOR) == "/metrics/cadvisor"
    assert serving.handshakes == 1


def test_many_threads_get_each_its_own_answer(ca: Authority) -> None:
    serving = Serving()
    with asked(ca, serving) as (reader, port), ThreadPoolExecutor(8) as threads:
        pages = [Page(f"/metrics/{number}") for number in range(200)]
        got = threads.map(lambda page: reader.read(HERE, port, 20, page), pages)
        assert [*got] == [page.path for page in pages]
    assert serving.handshakes < 200


def test_one_that_the_kubelet_has_ended_is_opened_again(ca: Authority) -> None:
    serving = Serving(lambda path, n: b"" if n else sent(path))
    with asked(ca, serving) as (reader, port):
        assert [reader.read(HERE, port, 5) for _ in range(3)] == ["/metrics/resource"] * 3
    assert serving.handshakes == 3


NOT_KEPT = [
    ("of an older HTTP", sent(b"/metrics/resource").replace(b"HTTP/1.1", b"HTTP/1.0")),
    ("that the kubelet closes", sent(b"/metrics/resource", b"Connection: close")),
    ("a refusal", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    ("too large", b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * 17 * 2**20),
]


@pytest.mark.parametrize(("name", "data"), NOT_KEPT, ids=[n[0] for n in NOT_KEPT])
def test_one_of_which_an_answer_was_not_whole_is_not_kept(
    ca: Authority, name: str, data: bytes
) -> None:
    serving = Serving(lambda path, n: data)
    with asked(ca, serving) as (reader, port):
        for _ in range(2):
            try:
                assert reader.read(HERE, port, 5) == "/metrics/resource"
            except KubeError:
                assert name in ("a refusal", "too large")
    assert serving.handshakes == 2


@pytest.mark.parametrize("age", ["UNUSED", "OLDEST"])
def test_one_that_is_old_or_that_nobody_needed_is_closed(
    ca: Authority, monkeypatch: pytest.MonkeyPatch, age: str
) -> None:
    monkeypatch.setattr(kubelet_connections, age, 0.0)
    serving = Serving()
    with asked(ca, serving) as (reader, port):
        reader.read(HERE, port, 5)
        reader.read(HERE, port, 5)
    assert serving.handshakes == 2


def test_those_of_nodes_that_are_gone_are_closed(
    ca: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's thread ends as its client goes: that is waited for as the block is left."""
    monkeypatch.setattr(kubelet_connections, "_SWEEP", 0.0)
    gone, here = Serving(), Serving()
    with asked(ca, here) as (reader, port):
        with kubelet(ca.pair("gone", HERE), gone) as other:
            reader.read(HERE, other, 5)
            monkeypatch.setattr(kubelet_connections, "UNUSED", 0.0)
            reader.read(HERE, port, 5)
        reader.read(HERE, port, 5)


def test_the_deadline_holds_on_a_kept_one(ca: Authority) -> None:
    def slow(path: bytes, number: int) -> bytes:
        if number:
            time.sleep(2)
        return sent(path)

    with asked(ca, Serving(slow)) as (reader, port):
        reader.read(HERE, port, 5)
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"did not answer within 0\.3 s"):
            reader.read(HERE, port, 0.3)
        assert time.monotonic() - began < 1.5


def test_another_authority_counts_from_the_next_page(tmp_path: Path) -> None:
    first, other = Authority(tmp_path, "first"), Authority(tmp_path, "other")
    file = tmp_path / "ca.crt"
    file.write_bytes(Path(first.file).read_bytes())
    reader = KubeletReader(lambda: Trust(str(file), None, None, None), verify=True)
    serving = Serving()
    with kubelet(first.pair("node", HERE), serving) as port, closing(reader):
        assert reader.read(HERE, port, 5) == "/metrics/resource"
        file.write_bytes(Path(other.file).read_bytes())
        with pytest.raises(Unverified):
            reader.read(HERE, port, 5)
        file.write_bytes(Path(first.file).read_bytes())
        assert reader.read(HERE, port, 5) == "/metrics/resource"
    assert serving.handshakes == 2


def test_an_answer_that_breaks_off_is_not_asked_for_again(ca: Authority) -> None:
    handshakes = []

    def once(tls: ssl.SSLSocket) -> None:
        handshakes.append(tls)
        request(tls)
        tls.sendall(sent(b"first"))
        request(tls)
        tls.sendall(GOOD.replace(b": 8", b": 9"))

    with asked(ca, once) as (reader, port):
        assert reader.read(HERE, port, 5) == "first"
        with pytest.raises(Unreachable, match="IncompleteRead"):
            reader.read(HERE, port, 5)
    assert len(handshakes) == 1
