"""A web server behind a load that doubles every 30 s, with the node agent and without.

Two servers of the same program and size side by side, so that whatever else this machine does slows
both alike; one has `podtailor.io/burst: "on"`. The first step is 0.6 of what their limit allows, so
each later one is more than a server has that was raised for the one before. A request that is not
answered within 5 s counts as 5 s.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from agent import counters
from kube.objects import Pod
from tests.bench import picture
from tests.bench.answers import SECONDS, drawn, measured
from tests.bench.machine import ROOT
from tests.bench.results import Measured
from tests.bench.stage import Stage, staged
from tests.e2e import bursting
from tests.e2e.bursting import BURST, Load
from tests.e2e.programs import free_port
from tests.e2e.workloads import Json, manifest, sized, until
from tests.load.paced import Taken

PICTURE = ROOT / "docs/burst.svg"
STEPS = 4
LIMIT = 100
"""Millicores, of which the first step needs SHARE."""
SHARE = 0.6
_IMAGE = "localhost/podtailor-test/nginx:1"
_WARM = 70.0
"""Seconds: a container's first minute never counts, for the minute's rule either."""
_ALONE = (5.0, 8.0)
"""Requests per second, and seconds, by which the cost of one is found."""

Server = tuple[Pod, Load]


def measure() -> Measured:
    """About four minutes."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        staged(**bursting.settings(port)) as stage,
        bursting.secrets(stage.gateway),
    ):
        agent = bursting.agent(stage.gateway, Path(folder), port)
        agent.start()
        try:
            servers = {name: _server(stage, name) for name in ("with", "without")}
            time.sleep(_WARM)
            cost = _cost(stage, servers["without"])
            first = SHARE * LIMIT / cost
            rates = [round(first * 2**step, 1) for step in range(STEPS)]
            print(f"bench: a request takes {cost:.1f} ms of CPU; {rates} a second", flush=True)
            with _limits(servers) as limits:
                taken = _asked(stage, servers, rates)
        finally:
            agent.stop()
    picture.draw(PICTURE, drawn(rates, taken))
    return measured(rates, taken, {"limits": limits, "CPU of a request, ms": round(cost, 2)})


def _server(stage: Stage, name: str) -> Server:
    given = {k: v for k, v in BURST.items() if name == "with" or not k.endswith("burst")}
    one: Json = {"name": "app", "image": _IMAGE}
    one["resources"] = sized(f"{LIMIT // 2}m", f"{LIMIT}m", "64Mi")
    body = manifest("Deployment", name, replicas=1, containers=[one], annotations=given)
    workload = stage.shop.create(body)
    until(lambda: stage.shop.podsize(workload) is not None, 30)
    pod = stage.shop.pods(name)[0]
    return pod, Load(pod)


def _cost(stage: Stage, server: Server) -> float:
    """Milliseconds of CPU time for a request, of few."""
    rate, seconds = _ALONE
    before = _used(server[1])
    with _client(stage, server[0], [rate], seconds) as client:
        [taken] = json.loads(client.communicate()[0])
    assert None not in taken, "this machine is too busy to answer five requests a second"
    return (_used(server[1]) - before) / len(taken) / 1000


def _used(load: Load) -> int:
    """Microseconds of CPU time."""
    v1 = Path(str(load.folder).replace("/cgroup/cpu/", "/cgroup/cpuacct/")) / "cpuacct.usage"
    path = v1 if v1.exists() else load.folder / "cpu.stat"
    found = counters.cpu(path.read_bytes(), v2=path != v1)
    assert found is not None
    return found


def _asked(stage: Stage, servers: dict[str, Server], rates: list[float]) -> dict[str, list[Taken]]:
    """What each request took, of both servers at once."""
    with (
        _client(stage, servers["with"][0], rates, SECONDS) as one,
        _client(stage, servers["without"][0], rates, SECONDS) as other,
    ):
        said = {"with": one.communicate()[0], "without": other.communicate()[0]}
    return {name: json.loads(text) for name, text in said.items()}


@contextmanager
def _client(
    stage: Stage, pod: Pod, rates: list[float], seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    path = f"/api/v1/namespaces/{stage.shop.namespace}/pods/{pod.metadata.name}"
    address = msgspec.json.decode(stage.gateway.get(path))["status"]["podIP"]
    words = [address, "80", str(seconds), *map(str, rates)]
    command = [sys.executable, "-m", "tests.load.paced", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as client:
        yield client


@contextmanager
def _limits(servers: dict[str, Server]) -> Iterator[dict[str, list[tuple[float, int]]]]:
    """Of both the limits that they had, in millicores, and after how many seconds from now."""
    seen: dict[str, list[tuple[float, int]]] = {name: [] for name in servers}
    over, began = threading.Event(), time.monotonic()

    def look() -> None:
        while not over.wait(0.05):
            for name, (_, load) in servers.items():
                if not seen[name] or seen[name][-1][1] != load.limit:
                    seen[name].append((round(time.monotonic() - began, 2), load.limit))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()
