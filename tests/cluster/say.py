"""Speaking to the person at the terminal, and failing with one clear sentence."""

import sys
import time

_STARTED = time.monotonic()


class ClusterError(Exception):
    """Something the person must know about; printed without a traceback, exit status 1."""


def say(text: str) -> None:
    """One line of progress with the seconds since the command began."""
    print(f"cluster: {time.monotonic() - _STARTED:5.1f} s  {text}", file=sys.stderr, flush=True)
