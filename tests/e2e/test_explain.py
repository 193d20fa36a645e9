"""`python -m scaler explain` and `export` beside the real scaler: what they say is what it does."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.model import Workload
from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of
from tests.e2e.workloads import OUTGROWS, Shop, crowded, manifest, until


@pytest.fixture(scope="module", autouse=True)
def kept(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The session's scaler with a history."""
    usual = programs.scaler.environment
    directory = str(tmp_path_factory.mktemp("history"))
    programs.scaler.stop()
    programs.scaler.environment = {**usual, "PODTAILOR_SCALER_HISTORY_PATH": directory}
    programs.scaler.start()
    yield
    if programs.scaler.process:
        programs.scaler.stop()
    programs.scaler.environment = usual
    programs.scaler.start()


def run(programs: Programs, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scaler", *arguments],
        env={**os.environ, **programs.scaler.environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )


def explain(programs: Programs, shop: Shop, workload: Workload) -> dict[str, Any]:
    what = f"{workload.kind.lower()}/{workload.name}"
    done = run(programs, "explain", shop.namespace, what, "-o", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_it_says_is_what_the_scaler_does_and_nothing_is_written(
    shop: Shop, programs: Programs
) -> None:
    workload = shop.create(manifest("Deployment"))
    until(lambda: bool(status_of(shop, workload)), 20)
    programs.scaler.stop()
    shop.by_hand(workload, BY_HAND)
    before = shop.gateway.get(shop.podsize_path(workload))
    said = explain(programs, shop, workload)
    assert said["explained"]["acts"], said
    assert said["explained"]["action"].startswith("store a size: app cpu 300m")
    assert said["explained"]["reason"] == "Manual"
    deciding = [
        one["check"] for c in said["explained"]["chains"] for one in c["checks"] if one["decides"]
    ]
    assert deciding == ["sized", "another_size"]
    assert shop.gateway.get(shop.podsize_path(workload)) == before
    programs.scaler.start()
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
    programs.scaler.stop()
    lines = run(programs, "export", "--changes", "--since", "1h").stdout
    rows = [r for r in csv.DictReader(io.StringIO(lines)) if r["namespace"] == shop.namespace]
    assert [(r["resource"], r["from"], r["to"], r["reason"]) for r in rows] == [
        ("cpu", "200m", "300m", "Manual")
    ]
    programs.scaler.start()


def test_what_is_in_the_way_is_what_the_status_says(shop: Shop, programs: Programs) -> None:
    crowded(shop)
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, OUTGROWS)

    def blocked() -> bool:
        podsize = shop.podsize(workload)
        return podsize is not None and podsize.status.reason is Reason.NO_NODE_FITS

    until(blocked, 30, lambda: status_of(shop, workload))
    said = explain(programs, shop, workload)
    podsize = shop.podsize(workload)
    assert podsize is not None
    assert not said["explained"]["acts"]
    assert said["explained"]["reason"] == "NoNodeFits"
    why = podsize.status.message.partition(", at most")[0]  # pods of earlier tests are going
    assert said["explained"]["message"].startswith(why)
    assert "free some room" in said["to_act"]


def test_a_workload_that_is_not_enrolled_is_explained_as_if_it_were(
    shop: Shop, programs: Programs
) -> None:
    workload = shop.create(manifest("Deployment", annotations={}))
    said = explain(programs, shop, workload)
    assert (said["enrolled"], said["status"]) == ("no", "none")
    assert "podtailor.io/mode" in said["assumed"] and said["to_act"].startswith("first, annotate")
    assert {one["pod"] for one in said["usage"]} == {p.metadata.name for p in shop.pods()}
    assert "not a whole minute" in said["usage"][0]["source"]
    assert said["explained"]["reason"] in ("InBounds", "WarmingUp")
    assert shop.podsize(workload) is None
    text = run(programs, "explain", shop.namespace, "deploy/web").stdout
    assert "it is not enrolled; what follows is what would be" in text


def test_what_would_have_changed_is_said_of_what_is_only_observed(
    shop: Shop, programs: Programs
) -> None:
    done = run(programs, "preview", shop.namespace)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"no workload in namespace {shop.namespace}" in done.stderr
    observed = {"podtailor.io/mode": "observe"}
    workload = shop.create(manifest("Deployment", annotations=observed))
    until(lambda: len(shop.pods()) == 2, 30)
    [found] = json.loads(run(programs, "preview", shop.namespace, "-o", "json").stdout)
    assert (found["kind"], found["name"]) == (workload.kind, workload.name)
    assert (found["pods"], found["restarts"], found["withoutUsage"]) == (2, 0, ["app"])
    assert "deployment/web  app        none" in run(programs, "preview").stdout


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [
        ("deployment/none", 1, "Deployment/none does not exist"),
        ("job/none", 1, "its pods are not sized"),
        ("none", 2, "is not KIND/NAME"),
    ],
)
def test_what_is_unknown_is_named(
    shop: Shop, programs: Programs, what: str, status: int, words: str
) -> None:
    done = run(programs, "explain", shop.namespace, what)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
