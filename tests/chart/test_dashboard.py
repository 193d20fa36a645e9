"""The dashboard keeps the rules of Grafana's own dashboard-linter.

The linter itself is a Go module that cannot be had everywhere, so its rules for dashboards on
Prometheus are tested here one by one, under the names that it gives them. Whether each expression
returns data is tested with a real Prometheus: tests/installed/test_monitoring.py.
"""

import json
import re
import subprocess
from typing import Any

import pytest

from tests.chart import dashboard, tools
from tests.chart.conftest import Render

VARIABLES = dashboard.variables()
PANELS = dashboard.panels()
TARGETS = [(p["title"], t["expr"]) for p in PANELS for t in p["targets"]]
QUERIES = [v for v in VARIABLES.values() if v["type"] == "query"]
COUNTER = re.compile(r"podtailor_\w+(?:_total|_bucket|_sum|_count)\b")


def test_the_config_map_has_the_dashboard_as_it_is_in_the_file(render: Render) -> None:
    found = render({"monitoring": {"dashboard": {"enabled": True}}}).one("ConfigMap")
    assert json.loads(found["data"]["podtailor.json"]) == dashboard.dashboard()


def test_template_datasource_rule() -> None:
    source = VARIABLES["datasource"]
    assert (source["type"], source["query"], source["label"]) == (
        "datasource",
        "prometheus",
        "Data source",
    )


@pytest.mark.parametrize("name", ["job", "instance"])
def test_template_job_and_instance_rules(name: str) -> None:
    one = VARIABLES[name]
    assert (one["label"], one["type"]) == (name.capitalize(), "query")
    assert one["multi"] and one["includeAll"] and one["allValue"] == ".+"
    assert one["datasource"]["uid"] == "${datasource}"


def test_template_on_time_change_reload_rule() -> None:
    assert all(v["refresh"] == 2 for v in QUERIES)


@pytest.mark.parametrize("panel", PANELS, ids=lambda p: p["title"])
def test_panel_rules(panel: dict[str, Any]) -> None:
    assert panel["title"] and panel["description"], "panel-title-description-rule"
    assert panel["datasource"]["uid"] == "${datasource}", "panel-datasource-rule"
    assert panel["targets"], "panel-no-targets-rule"
    units = {"short", "s", "bytes", "percentunit", "reqps"}
    assert panel["fieldConfig"]["defaults"]["unit"] in units, "panel-units-rule"


@pytest.mark.parametrize(("title", "expression"), TARGETS)
def test_target_rules(title: str, expression: str) -> None:
    selectors = re.findall(r"podtailor_\w+\{([^}]*)\}", expression)
    assert len(selectors) == len(re.findall(r"podtailor_", expression)), "every metric is selected"
    for selector in selectors:
        assert 'job=~"$job"' in selector, "target-job-rule"
        assert 'instance=~"$instance"' in selector, "target-instance-rule"
    for counter in COUNTER.finditer(expression):
        before = expression[: counter.start()]
        assert before.endswith(("rate(", "increase(")), "target-counter-agg-rule"
    for window in re.findall(r"rate\([^[]*\[([^]]*)\]", expression):
        assert window == "$__rate_interval", "target-rate-interval-rule"


def test_target_promql_rule() -> None:
    rules = [{"record": f"q:{n}", "expr": e} for n, (_, e) in enumerate(dashboard.queries())]
    groups = json.dumps({"groups": [{"name": "dashboard", "rules": rules}]})
    command = [str(tools.promtool()), "check", "rules", "--lint=none"]
    done = subprocess.run(command, input=groups, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_uneditable_dashboard_rule() -> None:
    assert dashboard.dashboard()["editable"] is False


def test_panels_have_ids_of_their_own_and_do_not_lie_over_each_other() -> None:
    everything = dashboard.dashboard()["panels"]
    assert len({p["id"] for p in everything}) == len(everything)
    taken: set[tuple[int, int]] = set()
    for panel in everything:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells
