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

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

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
    until(lambda: not waiting(prometheus, silent), LONGEST, lambda: sorted(silent.values()))
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert not [part for e in expressions for part in parts(e) if not prometheus.query(part)]
    assert health(prometheus) == {"ok"}
    assert prometheus.query('ALERTS{alertstate="firing"}') == []


def waiting(prometheus: Prometheus, silent: dict[str, str]) -> list[str]:
    """Those of the expressions that have never returned a number; others are removed."""
    for expression in [*silent]:
        if numbers(prometheus, expression):
            del silent[expression]
    told = prometheus.query('container_cpu_cfs_periods_total{container!=""}')
    return [e for e in silent if told or THROTTLED not in e]


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
