"""The Grafana dashboard as Prometheus sees it: its queries, with Grafana's variables filled in."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chart.conftest import CHART

Panel = dict[str, Any]
WINDOW = "1m"
"""What Grafana makes of `$__rate_interval` for scrapes every 15 s."""


def dashboard() -> dict[str, Any]:
    """As it is in the chart."""
    found = json.loads((CHART / "files/dashboard.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def panels() -> list[Panel]:
    """All but the rows."""
    return [p for p in dashboard()["panels"] if p["type"] != "row"]


def variables() -> dict[str, Panel]:
    """By name."""
    return {v["name"]: v for v in dashboard()["templating"]["list"]}


def queries(values: Mapping[str, str] | None = None) -> Iterator[tuple[str, str]]:
    """Title and expression of each target; variables not in `values` have their value for `All`."""
    values = {name: v.get("allValue", "") for name, v in variables().items()} | {**(values or {})}
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], filled(target["expr"], values)


def filled(expression: str, values: Mapping[str, str]) -> str:
    """The expression with the variables' values."""
    expression = expression.replace("$__rate_interval", WINDOW)
    return re.sub(r"\$(\w+)", lambda found: values[found[1]], expression)
