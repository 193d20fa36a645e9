"""A real Prometheus scrapes the installed release: every query has an answer, every alert is sound.

| an expression                              | must                                            |
| ------------------------------------------ | ----------------------------------------------- |
| of the dashboard                           | return a number while a size is applied         |
| of an alert                                | be evaluated without an error, and not fire;    |
|                                            | each metric in it is there                      |
| of throttling                              | return one where the node's cAdvisor names      |
|                                            | containers                                      |
| of pods that were created without the      | be evaluated: the API server has this counter   |
| webhook                                    | from the first such pod on                      |
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scaler.history.server import Server
from scaler.usage import window
from scaler.usage.window import Minute
from store.model import Workload
from tests.chart import dashboard
from tests.e2e.workloads import Shop, manifest, until
from tests.installed.alerting import alerts_of
from tests.installed.conftest import BY_HAND
from tests.installed.prometheus import Prometheus, scraping
from tests.installed.release import Release

LONGEST = 150  # seconds: a whole minute of usage, two minutes after a pod's start
THROTTLED = "podtailor_throttled_ratio"
FAIL_OPEN = "apiserver_admission_webhook_fail_open_count"

_SELECTOR = re.compile(r"\b(?:podtailor|apiserver)_\w+(?:\{[^}]*\})?")
_MAY_NEVER_HAPPEN = re.compile(r'(reason|done)="\w+",? ?')


@pytest.fixture
def rules(release: Release) -> Mapping[str, Any]:
    return alerts_of(release).rules


@pytest.fixture
def prometheus(release: Release, rules: Mapping[str, Any]) -> Iterator[Prometheus]:
    with scraping(release, rules) as made:
        yield made


def test_every_expression_of_dashboard_and_alerts_has_an_answer(
    shop: Shop,
    prometheus: Prometheus,
    rules: Mapping[str, Any],
    veteran: tuple[Shop, Workload],
) -> None:
    elsewhere, old = veteran
    elsewhere.annotate(old, mode="observe")
    auto = manifest("ReplicationController", replicas=1, annotations={"podtailor.io/mode": "auto"})
    typo = manifest("Deployment", "typo", replicas=1, annotations={"podtailor.io/mode": "atuo"})
    shop.create(typo, ready=False)
    shop.by_hand(shop.create(auto), BY_HAND)
    silent = {expression: title for title, expression in dashboard.queries()}
    spaces = elsewhere.namespace, shop.namespace
    until(lambda: not waiting(prometheus, silent, spaces), LONGEST, lambda: [*silent.values()])
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert not [part for e in expressions for part in parts(e) if not prometheus.query(part)]
    assert health(prometheus) == {"ok"}
    assert prometheus.query('ALERTS{alertstate="firing"}') == []
    the_past_is_read_from_it(prometheus, elsewhere, old)


def the_past_is_read_from_it(prometheus: Prometheus, elsewhere: Shop, old: Workload) -> None:
    """It has scraped a minute by now, which another test would have to wait for."""
    server, (pod,) = Server(prometheus.url), elsewhere.pods()
    key = elsewhere.namespace, pod.metadata.name, "app"

    def minute() -> object:
        readings = server.readings({elsewhere.namespace}).get(key, ())
        return window.minute(readings, time.time())

    until(lambda: isinstance(minute(), Minute), LONGEST, minute)
    now = time.time()
    assert server.containers(old, now - 120, now) == ("app",)
    rows = server.minutes(old, "app", now - 300, now)
    assert rows and rows[-1].working_set and 0 <= rows[-1].cpu_mean < 110
    says = "history filled from the server"
    with another_scaler(prometheus.url) as log:
        until(lambda: says in log.read_text(), 20, log.read_text)
        (line,) = [x for x in log.read_text().splitlines() if says in x]
    assert json.loads(line)["readings"] >= 1, line


@contextmanager
def another_scaler(url: str) -> Iterator[Path]:
    """The log of a scaler that only looks, and reads the past from this server."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = {
            "BIND": "127.0.0.1",
            "PORT": str(free.getsockname()[1]),
            "DRYRUN": "true",
            "USAGE_KUBELETTLS": "skip",
            "HISTORY_URL": url,
        }
        environment = {f"PODTAILOR_SCALER_{k}": v for k, v in settings.items()}
        environment |= {"PODTAILOR_LOG_FORMAT": "json"}
        log = Path(folder) / "log"
        free.close()
        command = [sys.executable, "-m", "scaler"]
        with (
            log.open("w") as out,
            subprocess.Popen(command, env={**os.environ, **environment}, stderr=out) as process,
        ):
            try:
                yield log
            finally:
                process.terminate()


def waiting(prometheus: Prometheus, silent: dict[str, str], spaces: tuple[str, ...]) -> list[str]:
    """Those of the expressions that have never returned a number; others are removed.

    `spaces`: where containers must be named; a node sees those of another cluster on its machine.
    """
    for expression in [*silent]:
        if numbers(prometheus, expression):
            del silent[expression]
    own = "|".join(spaces)
    named = prometheus.query(f'container_cpu_cfs_periods_total{{container!="",namespace=~"{own}"}}')
    return [e for e in silent if named or THROTTLED not in e]


def numbers(prometheus: Prometheus, expression: str) -> list[str]:
    values = (sample["value"][1] for sample in prometheus.query(expression))
    return [value for value in values if value != "NaN"]


def parts(expression: str) -> list[str]:
    """The selectors of an alert, without what picks something that may never have happened."""
    found = (_MAY_NEVER_HAPPEN.sub("", part) for part in _SELECTOR.findall(expression))
    return [part for part in found if not part.startswith(FAIL_OPEN)]


def health(prometheus: Prometheus) -> set[str]:
    groups = prometheus.get("rules")["data"]["groups"]
    return {rule["health"] for group in groups for rule in group["rules"]}
