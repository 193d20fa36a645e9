"""Progress messages, and failing with one clear sentence."""

import sys
import time

_STARTED = time.monotonic()


class ClusterError(Exception):
    """An error that the user must see; printed without a traceback, with this exit status."""

    status = 1


class Unavailable(ClusterError):
    """This machine lacks programs, and they cannot be installed: nothing is broken."""

    status = 77  # as for a test that is skipped, by automake's convention


def say(text: str) -> None:
    """Print one line of progress with the seconds since the command started."""
    print(f"cluster: {time.monotonic() - _STARTED:5.1f} s  {text}", file=sys.stderr, flush=True)
