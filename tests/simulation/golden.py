"""The traces of 60 seeds as hashes: what a change of the code's shape must leave as it is.

python -m tests.simulation.golden            compare; 1 where a trace is another
python -m tests.simulation.golden --update   after a change of behaviour that was meant
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulation.run import run

SEEDS = range(60)
KEPT = Path(__file__).with_name("golden.txt")


def line(seed: int) -> str:
    """The seed, the hash of its trace, and how many lines that has."""
    trace = run(seed, trace=True).trace
    digest = hashlib.sha256("\n".join(trace).encode()).hexdigest()[:16]
    return f"{seed} {digest} {len(trace)}"


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.golden", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the hashes of today")
    chosen = parser.parse_args(arguments)
    with ProcessPoolExecutor() as processes:
        lines = [*processes.map(line, SEEDS)]
    if chosen.update:
        KEPT.write_text("\n".join(lines) + "\n")
        return 0
    changed = sorted(set(lines) ^ set(KEPT.read_text().split("\n")) - {""})
    print("\n".join(changed) or f"{len(lines)} traces are the same")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
