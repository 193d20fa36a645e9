"""`python -m scaler` with a clock that can be moved, and with shorter waits where they are asked.

Nothing in the product does this: what is replaced are the standard clock and constants.
"""

import os
import sys
import time
from pathlib import Path

CLOCK = "FAULTS_CLOCK"
"""A file that holds the seconds by which the clock is wrong."""
BACKOFF = "FAULTS_BACKOFF"
"""Seconds that the first failure of a workload is waited out."""
SILENCE = "FAULTS_SILENCE"
"""Seconds without a sign of life after which a watch counts as dead."""


def move_the_clock(path: Path) -> None:
    """From now on `time.time` is wrong by what the file says."""
    right = time.time

    def moved() -> float:
        try:
            return right() + float(path.read_text())
        except (OSError, ValueError):
            return right()

    time.time = moved


def shorten() -> None:
    """The constants that are asked for by the environment."""
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
        move_the_clock(Path(clock))  # before anybody takes it for a default
    from scaler.__main__ import main

    shorten()
    sys.exit(main(sys.argv[1:], os.environ))
