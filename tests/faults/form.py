"""The short form of a fault and the full one: the same fault and assertions, other durations."""

import os

FULL = os.environ.get("PODTAILOR_FAULTS") == "full"
"""Set by `make soak`."""


def lasting(short: float, full: float) -> float:
    """Seconds, by the form that is asked for."""
    return full if FULL else short
