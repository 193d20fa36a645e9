"""The thread that reads usage, against real TLS servers: some kubelets are as bad as can be."""

import logging
import threading
import time
import tracemalloc
from contextlib import ExitStack
from pathlib import Path

import pytest

from kube.gateway import Trust
from kube.kubelet import KubeletReader
from kube.objects import Address, Node
from scaler.usage import sources
from scaler.usage.poller import Poller
from scaler.usage.scraper import Kubelets, Scrape
from scaler.usage.sources import MetricsApi, Usage
from scaler.usage.storage import Windows
from tests.fakes import FakeGateway
from tests.unit.kube.test_kubelet import HERE, Authority, Behaviour, answering, kubelet, trickling
from tests.unit.scaler.usage.kubelets import ANSWER, node

_HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
_DEADLINE = 3.0
_MB = 1_000_000


def test_a_kubelet_that_sends_50_mb_or_a_byte_now_and_then_is_one_line_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ca, large = Authority(tmp_path, "cluster"), _HEAD + b"# comment\n" * (5 * _MB)
    behaving: dict[str, Behaviour] = {
        "large": answering(large),
        "slow": trickling(_HEAD),
        "good": answering(_HEAD + ANSWER.encode()),
    }
    windows = Windows()
    reads: list[int] = []
    with ExitStack() as servers, caplog.at_level(logging.WARNING):
        nodes = [
            at(name, servers.enter_context(kubelet(ca.pair(name, HERE), behaviour)))
            for name, behaviour in behaving.items()
        ]
        poller = polling(ca, nodes, windows)
        tracemalloc.start()
        began = time.monotonic()
        run(poller, reads, times=2)
        peak, took = tracemalloc.get_traced_memory()[1], time.monotonic() - began
        tracemalloc.stop()
    assert reads == [2, 2], "two kubelets were not read, each time"
    assert [key[3] for key in windows.kept({("shop", "web-1")})] == ["good"]
    said = [r for r in caplog.records if r.message == "no usage"]
    assert sorted(r.__dict__["node"] for r in said) == ["large", "slow"], "one line for each"
    assert peak < 80 * _MB
    assert took < 2 * 2 * _DEADLINE + 5


def test_other_failures_concern_everyone(tmp_path: Path) -> None:
    ca = Authority(tmp_path, "cluster")
    seen: list[bool] = []
    with kubelet(ca.pair("one", HERE), answering(_HEAD + ANSWER.encode())) as port:
        poller = polling(ca, [at("one", port)], Windows(), rest=60.0)
        poller.near = lambda: {"one"}
        poller.done = lambda scrape: seen.append(scrape.everyone)
        for _ in range(2):
            poller._read()
    for _ in range(2):
        poller._read()
    assert seen == [True, False, True, False], "it is gone, which is news once"


def at(name: str, port: int) -> Node:
    """A node with its kubelet there."""
    return node(name, Address("InternalIP", HERE), port=port)


def polling(ca: Authority, nodes: list[Node], windows: Windows, rest: float = 0.0) -> Poller:
    """A poller of these nodes."""
    reader = KubeletReader(lambda: Trust(ca.file, None, None, None), verify=True)
    usage = Usage(
        sources.KUBELET, Kubelets(reader, deadline=_DEADLINE, rest=rest), MetricsApi(FakeGateway())
    )
    there = {one.metadata.name: frozenset({("shop", "web-1")}) for one in nodes}
    return Poller(
        usage,
        windows,
        lambda: (nodes, []),
        lambda: 1_700_000_101.0,
        lambda n: None,
        0.01,
        lambda: there,
    )


def run(poller: Poller, reads: list[int], *, times: int) -> None:
    """Until it has read so often; `reads`: how many nodes failed, each time."""
    stop = threading.Event()

    def done(scrape: Scrape) -> None:
        reads.append(len(scrape.failures))
        if len(reads) >= times:
            stop.set()

    poller.done = done
    poller.run(stop)
