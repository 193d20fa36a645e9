"""`make bench`, or `python -m tests.bench [NAME...]`: measure, record, print the table.

Inside the cluster under test: `tests/cluster/run .venv/bin/python -m tests.bench`, and for surge
with the image of `make image`. The exit status is 0 if every requested measurement could be made,
whatever its figures.
"""

import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.bench import (
    agent_cost,
    beside_vpa,
    burst,
    burst_v2,
    change,
    check,
    cycle,
    detection,
    doubling,
    history,
    machine,
    memory,
    reading,
    replay,
    resizing,
    reviews,
    surge,
    told_at_once,
    whole_workload,
)
from tests.bench.results import Measured, table
from tests.bench.scale import measure as scale

RESULTS = Path(__file__).parents[2] / "bench/results"

MEASUREMENTS: Mapping[str, Callable[[], Measured]] = {
    "webhook": reviews.measure,
    "memory": memory.measure,
    "change": change.measure,
    "detection": detection.measure,
    "resizing": resizing.measure,
    "whole_workload": whole_workload.measure,
    "surge": surge.measure,
    "check": check.measure,
    "cycle": cycle.measure,
    "history": history.measure,
    "reading": reading.measure,
    "replay": replay.measure,
    "burst": burst.measure,
    "doubling": doubling.measure,
    "agent_cost": agent_cost.measure,
    "told_at_once": told_at_once.measure,
}

LONG: Mapping[str, Callable[[], Measured]] = {
    "scale": scale.measure,
    "beside_vpa": beside_vpa.measure,
    "burst_v2": burst_v2.measure,
}
"""Made only where they are named."""


def main(names: Sequence[str]) -> int:
    """Make the named measurements, or all of them; the exit status."""
    if strangers := [name for name in names if name not in {**MEASUREMENTS, **LONG}]:
        every = ", ".join([*MEASUREMENTS, *LONG])
        print(f"no such measurement: {', '.join(strangers)} (of {every})")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all changes are undone
    measured: dict[str, Measured] = {}
    failed = []
    for name in names or MEASUREMENTS:
        print(f"bench: {name}, load average {machine.load():.1f}", flush=True)
        try:
            measured[name] = _recorded(name)
        except Exception:
            # If one fails, the others are still made.
            traceback.print_exc()
            failed.append(name)
    print("\n" + table(measured))
    if failed:
        print(f"could not be measured: {', '.join(failed)}")
    return 1 if failed else 0


def _recorded(name: str) -> Measured:
    began, before = time.time(), machine.load()
    measured = {**MEASUREMENTS, **LONG}[name]()
    record = {
        "name": name,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began),
        "machine": machine.described(),
        "load_average": {"before": round(before, 2), "after": round(machine.load(), 2)},
        "how": measured.how,
        "figures": [figure.as_json() for figure in measured.figures],
        "samples": measured.samples,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    return measured


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
