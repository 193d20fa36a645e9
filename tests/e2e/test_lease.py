"""The Lease on the real API server: two contenders, one holder, a server that stops answering."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kube.gateway import Gateway, connect
from kube.lease import Lease

COMPONENT = Path(__file__).parents[1] / "cluster/component"
DURATION = 4.0


@dataclass
class Contender:
    """A Lease with its thread; `losses`: the reasons with which it was lost."""

    namespace: str
    identity: str
    losses: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.lease = Lease(
            connect(timeout=0.5),
            self.namespace,
            "scaler",
            self.identity,
            duration=DURATION,
            renew=0.5,
            lost=self.losses.append,
        )
        self.thread = threading.Thread(target=self.lease.run, args=(self.stop,))
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


@contextmanager
def contending(namespace: str) -> Iterator[tuple[Contender, Contender]]:
    """Two contenders, of which the first holds the Lease; both never do during the block."""
    first = Contender(namespace, "scaler-a")
    assert first.lease.acquired.wait(10)
    second = Contender(namespace, "scaler-b")
    over = threading.Event()
    both: list[float] = []

    def look() -> None:
        while not over.wait(0.002):
            if first.lease.held() and second.lease.held():
                both.append(time.monotonic())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield first, second
    finally:
        first.end()
        second.end()
        over.set()
        looking.join()
    assert not both


def spec(gateway: Gateway, namespace: str) -> dict[str, Any]:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/scaler"
    found: dict[str, Any] = msgspec.json.decode(gateway.get(path))["spec"]
    return found


def test_a_lease_is_renewed_given_up_and_taken_over(gateway: Gateway, namespace: str) -> None:
    with contending(namespace) as (first, second):
        made = spec(gateway, namespace)
        time.sleep(DURATION + 1)
        kept = spec(gateway, namespace)
        assert first.lease.held() and not second.lease.held()
        assert kept["renewTime"] > made["renewTime"]
        assert kept["acquireTime"] == made["acquireTime"]
        assert (kept["holderIdentity"], kept["leaseDurationSeconds"]) == ("scaler-a", 4)
        first.end()
        assert second.lease.acquired.wait(2), "an orderly end is followed at once"
        assert spec(gateway, namespace)["leaseTransitions"] == 1
        assert first.losses == []
    assert "holderIdentity" not in spec(gateway, namespace)


@pytest.fixture
def pausing(cluster: None) -> Iterator[None]:
    """Resume the API server afterwards, whatever happens."""
    done = subprocess.run([COMPONENT, "status", "apiserver"], capture_output=True, timeout=30)
    if done.returncode:
        pytest.skip("only the embedded cluster's API server can be paused")
    yield
    component("resume")


def component(verb: str) -> None:
    subprocess.run([COMPONENT, verb, "apiserver"], check=True, timeout=60)


def test_an_api_server_that_hangs_ends_the_holder_before_another_begins(
    gateway: Gateway, namespace: str, pausing: None
) -> None:
    with contending(namespace) as (first, second):
        component("pause")
        since = time.monotonic()
        while first.lease.held():
            assert time.monotonic() - since < DURATION
            time.sleep(0.01)
        component("resume")
        assert second.lease.acquired.wait(3 * DURATION)
        assert len(first.losses) == 1 and "not renewed for" in first.losses[0]
        assert (second.losses, spec(gateway, namespace)["holderIdentity"]) == ([], "scaler-b")


def test_the_chart_s_rights_are_enough(gateway: Gateway, namespace: str) -> None:
    """`create`, and `get` and `patch` by name, are all that a holder ever calls."""
    called: list[str] = []

    class Counting(Gateway):
        def __init__(self) -> None:
            self._through = gateway

        def get(self, path: str, **query: str) -> bytes:
            called.append("get")
            return self._through.get(path, **query)

        def post(self, path: str, body: object, **query: str) -> bytes:
            called.append("create")
            return self._through.post(path, body, **query)

        def patch(
            self, path: str, body: object, kind: str = "application/merge-patch+json", **query: str
        ) -> bytes:
            called.append("patch")
            return self._through.patch(path, body, kind, **query)

    stop = threading.Event()
    lease = Lease(Counting(), namespace, "scaler", "scaler-a", duration=DURATION, renew=0.2)
    thread = threading.Thread(target=lease.run, args=(stop,))
    thread.start()
    assert lease.acquired.wait(10)
    time.sleep(1)
    stop.set()
    thread.join(10)
    assert called[:2] == ["get", "create"]
    assert set(called[2:]) == {"patch"}, "a holder only renews"
