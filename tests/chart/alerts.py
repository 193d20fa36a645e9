"""Evaluates the chart's alerts with Prometheus's own rule engine.

`promtool test rules` gets series from second 0 on and the alerts that should fire at the end; it
prints an error message if others do.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.chart import tools

STEP = 30  # seconds: monitoring.serviceMonitor.interval
_FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'

Series = Mapping[str, str]
"""`name{labels}` and its values in promtool's notation: `1x20` is 1, twenty-one times."""


def check(rules: Mapping[str, Any]) -> str:
    """The errors in the rules (the `spec` of a PrometheusRule); empty: none."""
    with tempfile.TemporaryDirectory() as folder:
        return _promtool(Path(folder), rules, ["check", "rules", "--lint-fatal", "rules.yaml"])


def check_metrics(text: str) -> str:
    """The errors in a program's metrics, in format and naming; empty: none."""
    command = [str(tools.promtool()), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    return done.stdout + done.stderr


def differs(rules: Mapping[str, Any], series: Series, firing: Iterable[str], at: int) -> str:
    """The difference between these alerts and those that fire `at` that second; empty: none."""
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(firing)]
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{STEP}s",
        "tests": [
            {
                "interval": f"{STEP}s",
                "input_series": [{"series": k, "values": v} for k, v in series.items()],
                "promql_expr_test": [
                    {"expr": _FIRING, "eval_time": f"{at}s", "exp_samples": expected}
                ],
            }
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "test.yaml").write_text(json.dumps(test))
        return _promtool(Path(folder), rules, ["test", "rules", "test.yaml"])


def _promtool(folder: Path, rules: Mapping[str, Any], words: list[str]) -> str:
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": rules["groups"]}))
    command = [str(tools.promtool()), *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr
