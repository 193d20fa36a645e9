"""Every perturbation; importing this registers them all."""

from tests.simulation.perturbations import (
    fencing,
    ground,
    leaving,
    neighbours,
    people,
    processes,
    staleness,
    time,
    webhooks,
)

__all__ = [
    "fencing",
    "ground",
    "leaving",
    "neighbours",
    "people",
    "processes",
    "staleness",
    "time",
    "webhooks",
]
