"""`bin/kubectl-podtailor`: what it has kubectl do, with a kubectl that says so."""

import os
import subprocess
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "bin/kubectl-podtailor"
_KUBECTL = """#!/bin/sh
case "$1 $2" in
"get pods") echo "$PODS" ;;
"config view") echo "here" ;;
*) echo "kubectl $*" ;;
esac
"""


def run(
    tmp_path: Path, *arguments: str, pods: str = "system scaler-1"
) -> subprocess.CompletedProcess[str]:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(_KUBECTL)
    kubectl.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PODS": pods}
    return subprocess.run(
        [PLUGIN, *arguments], env=environ, capture_output=True, text=True, timeout=30
    )


IN_POD = "kubectl exec --namespace system scaler-1 --container scaler -- python -m scaler"


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("explain", "shop", "deploy/web"), f"{IN_POD} explain shop deploy/web"),
        (("explain", "deploy/web", "-o", "json"), f"{IN_POD} explain here deploy/web -o json"),
        (("preview", "shop"), f"{IN_POD} preview shop"),
        (("history", "--since", "1h"), f"{IN_POD} export --since 1h"),
        (("status",), f"{IN_POD} status"),
        (("status", "shop", "-o", "json"), f"{IN_POD} status shop -o json"),
    ],
)
def test_what_is_asked_is_run_in_the_scaler_s_pod(
    tmp_path: Path, arguments: tuple[str, ...], asked: str
) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, asked, "")


def test_without_a_scaler_it_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "history", pods="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no pod of the scaler is running" in done.stderr


@pytest.mark.parametrize(("arguments", "status"), [((), 2), (("explode",), 2), (("--help",), 0)])
def test_anything_else_prints_how_to_use_it(
    tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == status
    assert "kubectl podtailor explain" in done.stdout + done.stderr
