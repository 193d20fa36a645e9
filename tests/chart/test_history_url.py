"""`scaler.history.url` against real servers, with days of usage as cAdvisor's metrics have it."""

import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from scaler.history import raw
from scaler.history.server import Server
from scaler.usage import long_window, window
from scaler.usage.long_window import Used
from scaler.usage.window import Minute
from store.model import Workload
from tests.chart import servers, tools

NOW = int(time.time() - 60) // 3600 * 3600  # VictoriaMetrics shows samples after 30 s
DAY = 86400
WEB = Workload("apps/v1", "Deployment", "shop", "web")
OLD, NEW, STRANGER = "web-7c5ddbdf54-x7k2p", "web-5d8c6b9f77-4bmwl", "web-api-7c5ddbdf54-x7k2p"
DAYS = 2
LIMIT = 0.5  # cores


def lines(namespace: str = "shop") -> Iterator[str]:
    """Two days by minutes: a pod that used 200m and 250m in turns, one since at 400m of 500m."""
    kinds = {"container_cpu_usage_seconds_total": "counter"}
    for name, values in sorted(metrics().items()):
        yield f"# TYPE {name.removesuffix('_total')} {kinds.get(name, 'gauge')}"
        for pod, samples in values.items():
            labels = (
                f'namespace="{namespace}",pod="{pod}",container="nginx",job="kubelet",id="/{pod}"'
            )
            yield from (f"{name}{{{labels}}} {value} {at}" for at, value in samples)
    yield "# EOF"


def newest() -> Iterator[str]:
    """What has just been scraped of a pod: at the kubelet's times, and the scrapes' own."""
    began = time.time() - 115
    labels = 'namespace="shop",pod="cart-0",container="nginx",job="kubelet",instance="node-1"'
    for at in (began + 0.123 + 14.7 * n for n in range(8)):
        yield f"{raw.CPU}{{{labels}}} {5 + 0.5 * (at - began):.4f} {1000 * at:.0f}"
        yield f"{raw.MEMORY}{{{labels}}} {2**20} {1000 * at:.0f}"
        yield f"{raw.STARTED}{{{labels}}} {began - 600:.3f} {1000 * at:.0f}"
    for at in (began + 15 * n for n in range(8)):
        yield f'{raw.SCRAPED}{{job="kubelet",instance="node-1"}} 1 {1000 * at:.0f}'


def metrics() -> dict[str, dict[str, list[tuple[int, float]]]]:
    begin, middle = NOW - DAYS * DAY, NOW - DAY // 2
    burnt: dict[str, list[tuple[int, float]]] = {OLD: [], NEW: [], STRANGER: []}
    total = dict.fromkeys(burnt, 0.0)
    for at in range(begin, NOW + 1, 60):
        rate = {OLD: 0.2 + 0.05 * (at // 60 % 2), NEW: 0.4, STRANGER: 0.9}
        for pod in ((OLD if at < middle else NEW), STRANGER):
            total[pod] += 60 * rate[pod]
            burnt[pod].append((at, round(total[pod], 3)))
    same = {pod: [at for at, _ in some] for pod, some in burnt.items()}

    def constant(value: float) -> dict[str, list[tuple[int, float]]]:
        return {pod: [(at, value) for at in times] for pod, times in same.items()}

    return {
        "container_cpu_usage_seconds_total": burnt,
        "container_memory_working_set_bytes": constant(48 * 2**20),
        "container_memory_rss": constant(16 * 2**20),
        "container_memory_cache": constant(40 * 2**20),
        "container_memory_total_active_file_bytes": constant(8 * 2**20),
        "container_memory_total_inactive_file_bytes": constant(24 * 2**20),
        "container_spec_cpu_quota": constant(100_000 * LIMIT),
        "container_spec_cpu_period": constant(100_000),
        "container_spec_cpu_shares": constant(256),
        "container_spec_memory_limit_bytes": constant(64 * 2**20),
    }


def blocks(folder: Path, namespace: str = "shop") -> None:
    """What a Prometheus in this folder has scraped, and its configuration."""
    (folder / "prometheus.yaml").write_text("global: {}\n")
    (folder / "usage").write_text("\n".join(lines(namespace)) + "\n")
    command = [str(tools.promtool()), "tsdb", "create-blocks-from", "openmetrics"]
    command += ["--max-block-duration=48h", str(folder / "usage"), str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def scraped_by_prometheus(folder: Path) -> AbstractContextManager[str]:
    blocks(folder)
    return servers.prometheus(folder)


@contextmanager
def scraped_by_victoria_metrics(folder: Path) -> Iterator[str]:
    with servers.victoria_metrics(folder) as url:
        imported(url, (f"{line}000" for line in lines() if not line.startswith("#")))
        yield url


def imported(url: str, samples: Iterable[str]) -> None:
    body = "".join(f"{sample}\n" for sample in samples).encode()
    urllib.request.urlopen(f"{url}/api/v1/import/prometheus", body, timeout=20).close()
    urllib.request.urlopen(f"{url}/internal/force_flush", timeout=20).close()


SERVERS = {"prometheus": scraped_by_prometheus, "victoria-metrics": scraped_by_victoria_metrics}


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One that has scraped all of it."""
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as url:
        yield Server(url)


def test_the_last_hours_are_minutes_with_the_sizes_that_were_in_force(server: Server) -> None:
    rows = server.minutes(WEB, "nginx", NOW - 3600, NOW)
    assert [r.at for r in rows] == [*range(NOW - 3600, NOW, 60)]
    last = rows[-1]
    assert last.cpu_mean == pytest.approx(400, rel=0.01) and last.seconds == 60
    assert (last.cpu_request, last.cpu_limit) == (250, 500)
    assert (last.memory, last.working_set) == (24 * 2**20, 48 * 2**20)
    assert (last.memory_request, last.memory_limit) == (None, 64 * 2**20)
    assert last.throttled is None


def test_of_days_there_are_quarters_and_pods_that_are_long_gone(server: Server) -> None:
    rows = server.minutes(WEB, "nginx", NOW - DAYS * DAY, NOW)
    assert 4 * 24 * DAYS - 2 <= len(rows) <= 4 * 24 * DAYS
    assert {r.seconds for r in rows} == {900}
    first = rows[8]
    assert first.cpu_mean == pytest.approx(225, rel=0.02)
    assert first.cpu_max == pytest.approx(225, rel=0.15)


def test_a_workload_whose_name_begins_alike_is_another(server: Server) -> None:
    assert max(r.cpu_mean for r in server.minutes(WEB, "nginx", NOW - 3600, NOW)) < 450
    other = Workload("apps/v1", "Deployment", "shop", "web-api")
    (row, *_) = server.minutes(other, "nginx", NOW - 3600, NOW)
    assert row.cpu_mean == pytest.approx(900, rel=0.01)


def test_its_containers_are_known_and_of_others_there_is_nothing(server: Server) -> None:
    for seconds in (60, DAYS * DAY):
        assert server.containers(WEB, NOW - seconds, NOW) == ("nginx",)
    nobody = Workload("v1", "ReplicationController", "shop", "nobody")
    assert server.containers(nobody, NOW - DAY, NOW) == ()
    assert server.minutes(nobody, "nginx", NOW - DAY, NOW) == ()


def test_a_long_window_of_them_has_the_percentiles_of_the_usage(server: Server) -> None:
    window = None
    for day in range(DAYS):
        since = NOW - (DAYS - day) * DAY
        for row in server.minutes(WEB, "nginx", since, since + DAY):
            used = Used(row.cpu_mean, row.working_set or 0, row.memory)
            window = long_window.added(window, used, row.at + row.seconds, 8.0 * DAY)
    assert window is not None and window.minutes == pytest.approx(DAYS * 24 * 60, abs=4)
    high, low = window.percentiles(0.9, 0.5)
    assert high == pytest.approx(400, rel=0.06) and low == pytest.approx(225, rel=0.15)
    assert (window.memory, window.needed) == (48 * 2**20, 24 * 2**20)


def test_samples_of_which_nobody_knows_whether_they_are_exact_are_no_readings(
    server: Server,
) -> None:
    assert server.readings({"shop"}) == {}


def test_the_last_two_minutes_are_a_minute_at_once(tmp_path: Path) -> None:
    """Of Prometheus with a real kubelet: tests/installed/test_monitoring.py."""
    with servers.victoria_metrics(tmp_path) as url:
        imported(url, newest())
        (found,) = Server(url).readings({"shop"}).values()
        minute = window.minute(found, time.time())
    assert isinstance(minute, Minute), minute
    assert minute.mean == pytest.approx(500, rel=0.01) and minute.memory == 2**20


def test_export_prints_what_only_the_server_has(server: Server) -> None:
    environment = {"PODTAILOR_SCALER_HISTORY_URL": server.url, "PATH": "/usr/bin:/bin"}
    command = ["python", "-m", "scaler", "export", "--workload", "shop/deployment/web"]
    done = subprocess.run(
        [str(Path(".venv/bin") / command[0]), *command[1:], "--since", "1d"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    assert header.startswith("time,seconds,") and len(rows) > 1000
    assert rows[-1].split(",")[2:6] == ["shop", "Deployment", "web", "nginx"]
