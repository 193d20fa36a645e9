"""Progress messages, and failing with one clear sentence."""

import sys
import time

_STARTED = time.monotonic()


class ClusterError(Exception):
    """An error that the user must see; printed without a traceback, exit status 1."""


def say(text: str) -> None:
    """Print one line of progress with the seconds since the command started."""
    print(f"cluster: {time.monotonic() - _STARTED:5.1f} s  {text}", file=sys.stderr, flush=True)
