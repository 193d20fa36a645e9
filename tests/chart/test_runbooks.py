"""Each alert has a section in docs/runbooks.md, and links to it; metrics are in docs/metrics.md."""

import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from link.messages import NodeMinute
from scaler.agents.counting import Counting
from scaler.agents.listener import Listener
from scaler.agents.reports import Reports
from scaler.fleet.collector import FleetCollector
from scaler.page.seen import Seen
from scaler.reporting import agent_metrics
from scaler.reporting.metrics import Metrics
from store.cache import Cache
from tests.chart.conftest import Render
from tests.fakes import FakeGateway
from tests.unit.scaler.fleet.test_sums import minute_of
from webhook.certificate import Certificate
from webhook.metrics import Metrics as WebhookMetrics

DOCS = Path(__file__).parents[2] / "docs"
ON = {"monitoring": {"prometheusRule": {"enabled": True}}}


def alerts(render: Render, url: str = "") -> list[dict[str, Any]]:
    values = {"enabled": True, "runbookURL": url}
    spec = render({"monitoring": {"prometheusRule": values}}).one("PrometheusRule")["spec"]
    return [rule for group in spec["groups"] for rule in group["rules"]]


def sections() -> dict[str, str]:
    page = (DOCS / "runbooks.md").read_text("utf-8")
    return dict(re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))


def test_each_alert_has_its_section_and_each_section_its_alert(render: Render) -> None:
    assert {rule["alert"] for rule in alerts(render)} == {*sections()}


@pytest.mark.parametrize("part", ["Means", "Look", "Do"])
def test_a_section_says_what_it_means_what_to_look_at_and_what_to_do(part: str) -> None:
    assert not [name for name, text in sections().items() if f"- **{part}:** " not in text]


@pytest.mark.parametrize(
    ("url", "key", "base"),
    [
        ("", "runbook", "docs/runbooks.md#"),
        ("https://example.com/runbooks.md#", "runbook_url", "https://example.com/runbooks.md#"),
    ],
)
def test_each_alert_links_to_its_section(render: Render, url: str, key: str, base: str) -> None:
    for rule in alerts(render, url):
        assert rule["annotations"][key] == base + rule["alert"].lower()


def names(folder: Path) -> set[str]:
    """Of all metrics of both programs, as the documents name them."""
    registry = CollectorRegistry()
    registry.register(FleetCollector(lambda: Seen(), lambda now: minute_of))
    agents = Listener(Reports(), lambda: 0.0, lambda: None)
    agents.reports.count(Counting({"one": []}))
    agents.reports.take_in("one", NodeMinute(60.0, 1.0, throttles=0), 0.0)
    agent_metrics.register(registry, agents)
    found = [*Metrics().registry.collect(), *registry.collect()]
    webhook = WebhookMetrics(Cache(FakeGateway()), Certificate(folder)).text().decode()
    found += text_string_to_metric_families(webhook)
    return {f.name + ("_total" if f.type == "counter" else "") for f in found}


def test_each_metric_is_in_the_document_and_nothing_else(tmp_path: Path) -> None:
    page = (DOCS / "metrics.md").read_text("utf-8")
    named = set(re.findall(r"`(podtailor_\w+)`", page))
    ours = {name for name in names(tmp_path) if name.startswith("podtailor_")}
    assert named == {name for name in ours if not name.endswith("_created")}
