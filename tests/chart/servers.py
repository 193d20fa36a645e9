"""Real servers of time series, started for a test and ended with it."""

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chart import tools

_STARTS = 30.0  # seconds


@contextmanager
def prometheus(folder: Path) -> Iterator[str]:
    """The address of a Prometheus with the configuration in this folder, which keeps its data."""
    command = [str(tools.prometheus()), f"--config.file={folder}/prometheus.yaml"]
    command += [f"--storage.tsdb.path={folder}/data", "--storage.tsdb.retention.time=30d"]
    with _running([*command, "--web.listen-address={}"], "/-/ready", folder) as url:
        yield url


@contextmanager
def victoria_metrics(folder: Path) -> Iterator[str]:
    """The address of a single-node VictoriaMetrics, which keeps its data in this folder."""
    command = [str(tools.victoria_metrics()), f"-storageDataPath={folder}/data"]
    command += ["-retentionPeriod=30d", "-memory.allowedBytes=64MiB", "-httpListenAddr={}"]
    with _running(command, "/health", folder) as url:
        yield url


@contextmanager
def _running(command: list[str], ready: str, folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = [word.format(address) if word.endswith("{}") else word for word in command]
    log = folder / "log"
    with log.open("w") as out, subprocess.Popen(words, stdout=out, stderr=out) as process:
        try:
            until = time.monotonic() + _STARTS
            while not _answers(f"http://{address}{ready}"):
                assert time.monotonic() < until and process.poll() is None, log.read_text()
                time.sleep(0.1)
            yield f"http://{address}"
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
