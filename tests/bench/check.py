"""How long `make check` and each of its steps take, in elapsed and CPU seconds."""

import os
import re
import resource
import subprocess
import time

from tests.bench.machine import ROOT
from tests.bench.results import Figure, Measured

MOST = 90.0
"""Seconds, with the simulation."""

_NOT_A_PERSONS = ("KUBECONFIG", "CONTAINERD_ADDRESS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def measure() -> Measured:
    """Run its steps once. Raises RuntimeError if one fails."""
    environ = {k: v for k, v in os.environ.items() if k not in _NOT_A_PERSONS}
    took: dict[str, float] = {}
    before, tests = _cpu(), None
    for step in _run(["make", "-n", "check"], environ).splitlines():
        began = time.monotonic()
        output = _run(["bash", "-c", step], environ)
        took[step] = round(time.monotonic() - began, 1)
        if passed := re.search(r"(\d+) passed", output):
            tests = int(passed[1])
    figures = [
        Figure("make check, with the simulation", round(sum(took.values()), 1), "s", MOST),
        Figure("CPU time of it", round(_cpu() - before, 1), "s"),
    ]
    largest = sorted(took.items(), key=lambda one: -one[1])[:2]
    figures += [Figure(f"of it, {_name(step)}", seconds, "s") for step, seconds in largest]
    return Measured(figures, {"tests": tests}, {"steps": took})


def _run(command: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(f"{command[-1]}:\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
    return done.stdout


def _name(step: str) -> str:
    """The step's name: `.venv/bin/ruff check .` is ruff."""
    return step.split()[0].rpartition("/")[2]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
