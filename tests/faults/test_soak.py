"""The soak: many workloads, random faults and user edits for an hour, then all must be healthy.

| variable       | default | meaning                                                         |
| -------------- | ------- | --------------------------------------------------------------- |
| SOAK_MINUTES   | 60      | how long faults are injected                                    |
| SOAK_WORKLOADS | 100     | of one to three pods each                                       |
| SOAK_SEED      | now     | seed of all random choices; printed                             |
"""

import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kube.errors import KubeError
from kube.gateway import Gateway
from tests.e2e.programs import Programs
from tests.e2e.workloads import Shop, until
from tests.faults.chaos import Chaos
from tests.faults.conftest import embedded_only
from tests.faults.front import Front
from tests.faults.town import Town, versions
from tests.faults.wire import Wire

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
WORKLOADS = int(os.environ.get("SOAK_WORKLOADS", "100"))
SEED = int(os.environ.get("SOAK_SEED") or time.time())
LONGEST = 15.0
"""Seconds that one fault lasts at most."""
PATIENCE = 900.0
"""Seconds after the last fault in which everything must be well."""
QUIET = 60.0
"""Seconds in which nothing may be written any more."""


@pytest.fixture
def wire(gateway: Gateway, programs: Programs, tmp_path: Path) -> Iterator[Wire]:
    """The scaler's connection to the API server, for the whole soak."""
    made = Wire(gateway, tmp_path)
    programs.scaler.stop()
    usual = programs.scaler.environment
    programs.scaler.environment = {**usual, "KUBECONFIG": str(made.kubeconfig)}
    programs.scaler.start()
    yield made
    programs.scaler.stop()
    programs.scaler.environment = usual
    made.close()


@pytest.fixture
def second_node() -> Iterator[None]:
    """Two hundred pods need more than one node."""
    subprocess.run(["tests/cluster/up", "--nodes", "2"], check=True, timeout=300)
    yield


@embedded_only
@pytest.mark.soak
# When a fault breaks a handshake, http.client leaves the socket to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.timeout(int(60 * MINUTES + PATIENCE + 1800))
def test_all_workloads_settle_after_faults_at_random(
    second_node: None, shop: Shop, programs: Programs, front: Front, wire: Wire
) -> None:
    print(f"\nSOAK_SEED={SEED} SOAK_MINUTES={MINUTES:g} SOAK_WORKLOADS={WORKLOADS}", flush=True)
    luck = random.Random(SEED)
    town = Town(shop, random.Random(luck.random()))
    over = threading.Event()
    town.watch(over)
    town.settle(WORKLOADS)
    until(lambda: all(s.complete and s.podsize for s in town.stands()), 600, town.reasons)
    began = len(town.made)
    people = threading.Thread(target=_hands, args=(town, over))
    people.start()
    chaos = Chaos(shop.gateway, programs, front, wire, town, luck, LONGEST)
    try:
        _strikes(chaos, time.monotonic() + 60 * MINUTES)
    finally:
        over.set()
        people.join()
    seconds = _well(town)
    before = versions(town, shop.gateway)
    time.sleep(QUIET)
    after = versions(town, shop.gateway)
    _report(town, chaos, began, seconds, sum(after.get(k) != v for k, v in before.items()))
    stands = [*town.stands()]
    assert [s for s in stands if not s.complete] == []
    assert [s for s in stands if not (s.settled or s.explained)] == []
    assert after == before


def _hands(town: Town, over: threading.Event) -> None:
    while not over.wait(1 + 60 / WORKLOADS):
        town.hand()


def _strikes(chaos: Chaos, end: float) -> None:
    while time.monotonic() < end:
        chaos.strike()
        time.sleep(chaos.luck.uniform(1, LONGEST))


def _well(town: Town) -> float:
    """Seconds until every workload is settled, or says why it is not."""
    began = time.monotonic()

    def well() -> bool:
        try:
            return all(s.complete and (s.settled or s.explained) for s in town.stands())
        except KubeError:
            return False

    until(well, PATIENCE, town.reasons)
    return time.monotonic() - began


def _report(town: Town, chaos: Chaos, began: int, seconds: float, written: int) -> None:
    stands = [*town.stands()]
    sizes = [s.podsize.status.size for s in stands if s.podsize]
    rows: list[tuple[str, object]] = [
        ("seed", SEED),
        ("minutes of faults", MINUTES),
        ("workloads", len(stands)),
        ("pods", sum(s.wanted for s in stands)),
        ("sizes set by hand", town.hands),
        ("pods made since the beginning", len(town.made) - began),
        ("revisions given out", sum(size.revision for size in sizes if size)),
        ("faults", sum(chaos.done.values())),
        *[(f"- {name}", count) for name, count in sorted(chaos.done.items())],
        ("seconds until all is well", f"{seconds:.0f}"),
        ("settled", sum(s.settled for s in stands)),
        *[
            (f"- not settled: {reason}", n)
            for reason, n in Counter(s.reason for s in stands if not s.settled).items()
        ],
        ("pods missing", sum(s.wanted - len(s.pods) for s in stands)),
        (f"objects written in {QUIET:.0f} s afterwards", written),
    ]
    print("\n| soak | |\n| --- | --- |")
    for name, value in rows:
        print(f"| {name} | {value} |")
