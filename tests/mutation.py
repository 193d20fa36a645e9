"""python -m tests.mutation [ROOM…]: are the modules that decide held by their tests?

mutmut changes one operator, number, name or word at a time. Each change is judged by the unit tests
of the scaler; what they let live is judged by simulated clusters. Printed are the share that was
killed, and each survivor. A run goes on where the last one ended (`mutants/`); hours are ordinary.

A room is a pattern of mutmut's names, such as `scaler.policies*`; none: all rooms of ROOMS.
"""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOMS = ("policies", "sizing", "health", "feasibility", "disruption", "cluster", "replacement")
"""What decides, in the order of the floors; `planning` and `status` put it together."""
SEEDS = 40
"""Simulated clusters that a survivor of the unit tests has to survive as well."""
WHERE = Path("mutants")
_KILLED = ("killed", "timeout", "suspicious", "caught by type check", "segfault")
_OPEN = ("survived", "no tests")


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 where fewer than `--least` per cent were killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("rooms", nargs="*", default=[f"scaler.{room}*" for room in ROOMS])
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--least", type=float, default=95.0, help="per cent (default: 95)")
    chosen = parser.parse_args(arguments)
    command = ["mutmut", "run", "--max-children", str(chosen.processes), *chosen.rooms]
    subprocess.run(command, check=False)
    found = dict(_verdicts(chosen.rooms))
    judged = {n: v for n, v in found.items() if v in _KILLED or v in _OPEN}
    for name in [n for n, v in judged.items() if v in _OPEN]:
        if _simulated(name):
            judged[name] = "killed"
        else:
            print(f"survived: {name}", flush=True)
    return _summary(judged, chosen.least)


def _verdicts(rooms: Sequence[str]) -> Iterator[tuple[str, str]]:
    shown = subprocess.run(
        ["mutmut", "results", "--all", "true"], check=True, capture_output=True, text=True
    )
    starts = tuple(room.rstrip("*") for room in rooms)
    for line in shown.stdout.splitlines():
        name, _, result = line.strip().rpartition(": ")
        if name.startswith(starts):
            yield name, result


def _simulated(name: str) -> bool:
    """Whether simulated clusters break a promise with it."""
    command = [sys.executable, "-m", "tests.simulation", "--runs", str(SEEDS), "--most", "1"]
    environment = {**os.environ, "MUTANT_UNDER_TEST": name}
    done = subprocess.run(command, cwd=WHERE, env=environment, capture_output=True, check=False)
    return done.returncode != 0


def _summary(judged: dict[str, str], least: float) -> int:
    rooms = Counter(name.split(".")[1] for name in judged)
    killed = Counter(name.split(".")[1] for name, v in judged.items() if v in _KILLED)
    print("| room | changes | killed |\n| --- | --- | --- |")
    for room, count in sorted(rooms.items()):
        print(f"| `{room}` | {count} | {100 * killed[room] / count:.1f} % |")
    share = 100 * killed.total() / max(1, rooms.total())
    print(f"{killed.total()} of {rooms.total()} killed: {share:.1f} %")
    return 0 if judged and share >= least else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
