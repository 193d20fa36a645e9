"""Every perturbation; importing this registers them all."""

from tests.simulation.perturbations import (
    fencing,
    ground,
    hostile,
    images,
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
    "hostile",
    "images",
    "leaving",
    "neighbours",
    "people",
    "processes",
    "staleness",
    "time",
    "webhooks",
]
