"""The Vertical Pod Autoscaler's own estimator and updater rules, replayed: a program in Go.

Its recommender's model and its updater's calculator are imported from its module at the version in
vpa/go.mod; what is not in them (metrics-server's delay, evictions, several replicas) costs nothing.
"""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from scaler.replay.course import Sized
from scaler.replay.trace import Trace
from store.model import Resources, Size
from tests.bench.own_source import OwnSource
from tests.cluster.build import commands_of

NAME = "vpareplay"


class _Program(OwnSource):
    """Our own code on top of its module, whose version it has."""

    FOLDER = "vpa"


PART = _Program(NAME, "k8s.io/autoscaler/vertical-pod-autoscaler", (f"./{NAME}",), ())


@cache
def built() -> Path:
    """The path of the built program; the first time, modules are fetched: two minutes."""
    return commands_of(PART, os.environ)[NAME]


def replay(traces: Sequence[Trace], size: Size) -> Mapping[str, list[Sized]]:
    """The sizes that each trace would have had, by its name. Unknown minutes count as idle."""
    cases = [_case(trace, size) for trace in traces]
    done = subprocess.run(
        [built()],
        input=json.dumps({"cases": cases}),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return {name: [_sized(s) for s in sizes] for name, sizes in json.loads(done.stdout).items()}


def _case(trace: Trace, size: Size) -> dict[str, Any]:
    return {
        "name": trace.name,
        "cpu": [round(c or 0) for c in trace.cpu],
        "memory": None if trace.memory is None else [round(m or 0) for m in trace.memory],
        "request": size.requests.cpu,
        "limit": size.limits.cpu,
        "memoryRequest": size.requests.memory or 0,
        "memoryLimit": size.limits.memory or 0,
    }


def _sized(raw: Mapping[str, int]) -> Sized:
    memory = (raw["memoryRequest"] or None, raw["memoryLimit"] or None)
    size = Size(Resources(raw["request"], memory[0]), Resources(raw["limit"], memory[1]))
    return Sized(raw["from"], size)
