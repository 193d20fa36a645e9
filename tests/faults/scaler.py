"""`python -m scaler` with a clock that can be moved, and optionally with shorter waits.

The product itself has no such feature: the standard clock and constants are replaced here.
"""

import os
import sys
import time
from pathlib import Path

CLOCK = "FAULTS_CLOCK"
"""A file that holds the seconds by which the clock is wrong."""
BACKOFF = "FAULTS_BACKOFF"
"""Seconds of back-off after the first failure of a workload."""
SILENCE = "FAULTS_SILENCE"
"""Seconds without a sign of life after which a watch counts as dead."""


def move_the_clock(path: Path) -> None:
    """From now on `time.time` is off by the seconds in the file."""
    right = time.time

    def moved() -> float:
        try:
            return right() + float(path.read_text())
        except (OSError, ValueError):
            return right()

    time.time = moved


def shorten() -> None:
    """Set the constants that the environment names."""
    from kube import watching
    from scaler.cluster import backoff

    if seconds := os.environ.get(BACKOFF):
        backoff.FIRST = float(seconds)
    if seconds := os.environ.get(SILENCE):
        defaults = watching.Watch.__init__.__kwdefaults__
        assert defaults is not None
        defaults["silence"] = float(seconds)


if __name__ == "__main__":
    if clock := os.environ.get(CLOCK):
        move_the_clock(Path(clock))  # before anything uses it as a default argument
    from scaler.__main__ import main

    shorten()
    sys.exit(main(sys.argv[1:], os.environ))
