"""The short and the full form of a fault: same fault and assertions, different durations."""

import os

FULL = os.environ.get("PODTAILOR_FAULTS") == "full"
"""Set by `make soak`."""


def lasting(short: float, full: float) -> float:
    """Seconds, by the requested form."""
    return full if FULL else short
