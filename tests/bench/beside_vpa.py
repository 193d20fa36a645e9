"""Two admission webhooks side by side: podtailor's and VPA's, 1,000 workloads known to each.

Both follow the same API server and are asked by the same client, in turn, so that what the machine
does meanwhile meets both. The pods are the same; neither is registered, so nothing else asks them.
Beyond 200 reviews a second the rate is raised until one in a hundred takes 10 ms.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kube.gateway import Gateway, connect
from tests.bench import bodies, client
from tests.bench.both_known import known
from tests.bench.client import Asking
from tests.bench.results import Figure, Measured
from tests.bench.scale import parts, users, vpa
from tests.bench.scale.ground import running
from tests.e2e.programs import unconfigure, wired
from tests.e2e.workloads import until

WORKLOADS, ROUNDS, SECONDS = 1000, 5, 20
RATIO, CAPACITY = 0.9, 2.0
"""Podtailor's p50 and p99 in parts of VPA's, at most; its highest rate in parts of VPA's."""
SLOWEST = 10.0
"""Milliseconds at p99, up to which a rate counts as held."""
_RATES = (300, 400, 500, 600, 700, 800, 1000, 1200, 1400, 1700, 2000, 2400)
OURS, PEER = "podtailor", "vpa"

Report = dict[str, Any]


def measure() -> Measured:
    """About ten minutes."""
    client.built()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with known(connect(), WORKLOADS) as gateway, _both(gateway, folder) as asked:
            usual = _alternating(asked)
            held = {who: _highest(asking) for who, asking in asked.items()}
    how = {
        "workloads": WORKLOADS,
        "review_bytes": bodies.SIZES[0],
        "rate_per_s": 200,
        "rounds": ROUNDS,
        "round_s": SECONDS,
        "arrivals": "Poisson, open loop; the client on the same cores",
        "peer": f"VPA {parts.VPA.version}, admission-controller, its VPAs with recommendations",
        "highest_rate": f"the last of {_RATES} a second with p99 <= {SLOWEST} ms and no error",
    }
    return Measured(_figures(usual, held), how, {"rounds": usual, "rates": held})


def _figures(usual: dict[str, list[Report]], held: dict[str, list[Report]]) -> list[Figure]:
    out = []
    for quantile in ("p50", "p99"):
        mine, theirs = (
            statistics.median(r["took_ms"][quantile] for r in usual[who]) for who in (OURS, PEER)
        )
        out += [
            Figure(f"a review: {quantile}", round(mine, 3), "ms"),
            Figure(f"VPA's: {quantile}", round(theirs, 3), "ms"),
            Figure(f"{quantile}, in parts of VPA's", round(mine / theirs, 2), "", RATIO),
        ]
    best = {who: max((r["rate"] for r in held[who] if _holds(r)), default=200) for who in held}
    out += [
        Figure("highest rate", best[OURS], "/s"),
        Figure("VPA's highest rate", best[PEER], "/s"),
        # The other way round, as a figure has a most and no least.
        Figure("VPA's, in parts of ours", round(best[PEER] / best[OURS], 2), "", 1 / CAPACITY),
        Figure("errors", sum(r["errors"] for r in usual[OURS]), "", 0.0),
        Figure("VPA's errors", sum(r["errors"] for r in usual[PEER]), ""),
    ]
    return out


def _alternating(asked: dict[str, Asking]) -> dict[str, list[Report]]:
    """One round each, in turn; who begins changes."""
    seen: dict[str, list[Report]] = {who: [] for who in asked}
    for number in range(ROUNDS):
        for who in sorted(asked, reverse=bool(number % 2)):
            seen[who].append(replace(asked[who], seconds=SECONDS).run())
    return seen


def _highest(asking: Asking) -> list[Report]:
    """A report for each rate, until one is not held twice."""
    seen: list[Report] = []
    for rate in _RATES:
        for _ in range(2):
            seen.append({"rate": rate} | replace(asking, rate=rate, seconds=10, warm=2).run())
            if _holds(seen[-1]):
                break
        else:
            break
    return seen


def _holds(report: Report) -> bool:
    return report["took_ms"]["p99"] <= SLOWEST and not report["errors"]


@contextmanager
def _both(gateway: Gateway, folder: Path) -> Iterator[dict[str, Asking]]:
    """How each of the two is asked, once it has answered all of the workloads."""
    sent = bodies.written(folder, bodies.SIZES[0], WORKLOADS)
    programs = wired(gateway, folder)
    unconfigure(gateway)
    programs.webhook.start()
    try:
        with _admission(folder):
            port = programs.webhook.environment["PODTAILOR_WEBHOOK_PORT"]
            ways = {
                OURS: _Way(f"https://127.0.0.1:{port}/mutate?timeout=5s", folder / "certs/tls.crt"),
                PEER: _Way(f"https://127.0.0.1:{vpa.PORT}/?timeout=5s", folder / "vpa/tls.crt"),
            }
            asked = {who: Asking(way.url, way.ca, sent, "JSONPatch") for who, way in ways.items()}
            for who, asking in asked.items():
                print(f"bench: {who} is asked about all of them", flush=True)
                until(_answers(asking), 120)
            yield asked
    finally:
        programs.webhook.stop()


@dataclass(frozen=True)
class _Way:
    url: str
    ca: Path


def _answers(asking: Asking) -> Callable[[], bool]:
    """Whether each workload's review is answered with a size; it is asked for each twice."""
    asking = replace(asking, rate=200, warm=1, seconds=2 * WORKLOADS // 200)

    def asked() -> bool:
        return int(asking.run()["errors"]) == 0

    return asked


@contextmanager
def _admission(folder: Path) -> Iterator[None]:
    """VPA's, alone and not registered."""
    own = users.kubeconfig("vpa-admission-controller")
    path = parts.vpa()["admission-controller"]
    command = [str(path), f"--kubeconfig={own}", "--address=127.0.0.1:8942"]
    command += [*vpa.trust(folder), "--register-webhook=false"]
    with running(command, folder / "vpa.log", NAMESPACE="kube-system"):
        time.sleep(5)
        yield
