"""The webhook's answers to 200 reviews a second: one worker, over TLS, as the API server asks.

Open loop: a review is sent when it is due, whether or not earlier ones were answered. For
comparison, the same client against a bare server in Go shows what the machine itself costs at that
moment; and both programs run with real-time priority as well, if the machine allows that.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench import bodies, client, tree
from tests.bench.client import Asking
from tests.bench.results import Figure, Measured
from tests.unit.webhook import apiserver
from tests.unit.webhook.serving import Served, free_port, ready

P50, P99 = 0.9, 2.5
"""Milliseconds that are required."""

_SIZED = "JSONPatch"


def measure() -> Measured:
    """All of it: about five minutes."""
    client.built()
    figures: list[Figure] = []
    seen: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _webhook(folder) as served:
            asking = Asking(
                f"https://127.0.0.1:{served.port}/mutate?timeout=5s", folder / "tls.crt", folder, ""
            )
            for size in bodies.SIZES:
                one = replace(asking, bodies=bodies.written(folder, size), expect=_SIZED)
                seen[f"{size}"] = one.run()
                figures += _figures(f"{_kilo(size)} review", seen[f"{size}"], required=True)
            if client.can_prioritise():
                for process in tree.pids(served.process.pid):
                    client.prioritise(process)
                for size in bodies.SIZES:
                    one = replace(asking, bodies=bodies.written(folder, size), expect=_SIZED)
                    report = seen[f"{size}_real_time"] = replace(one, real_time=True).run()
                    figures += _figures(f"{_kilo(size)}, real-time priority", report)
        seen["bare"] = _bare(folder, one)
        figures += _figures("a bare Go server, for comparison", seen["bare"])
    how = {
        "rate_per_s": 200,
        "arrivals": "Poisson, open loop",
        "workers": 1,
        "workloads": bodies.WORKLOADS,
        "transport": "Go, HTTP/1.1, TLS 1.3, 25 idle connections, as the API server's",
        "measured": "from handing a review to the transport to the last byte of its answer",
        "late_ms": "how long the machine let the client wait before that",
        "vpa_1.8.1": {"p50_ms": 0.87, "p99_ms": 1.99, "review_bytes": 2500},
    }
    return Measured(figures, how, seen)


@contextmanager
def _webhook(folder: Path) -> Iterator[Served]:
    with apiserver.running() as api:
        for podsize in bodies.podsizes():
            api.put(podsize)
        with ready(folder, api, PYTHONWARNINGS="default") as served:
            time.sleep(1)
            yield served


def _bare(folder: Path, asking: Asking) -> dict[str, Any]:
    port = free_port()
    with client.answering(port, folder, _SIZED):
        time.sleep(1)
        return replace(asking, url=f"https://127.0.0.1:{port}/mutate?timeout=5s", seconds=30).run()


def _figures(what: str, report: dict[str, Any], *, required: bool = False) -> list[Figure]:
    took = report["took_ms"]
    most = {"p50": P50, "p99": P99} if required else {}
    out = [Figure(f"{what}: {q}", round(took[q], 3), "ms", most.get(q)) for q in ("p50", "p99")]
    return [*out, Figure(f"{what}: errors", report["errors"], "", 0.0 if required else None)]


def _kilo(size: int) -> str:
    return f"{size / 1000:g} KB"
