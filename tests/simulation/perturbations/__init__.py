"""Every perturbation; importing this registers them all."""

from tests.simulation.perturbations import (
    endless,
    fencing,
    ground,
    hostile,
    images,
    leaving,
    neighbours,
    people,
    processes,
    resizing,
    staleness,
    tenants,
    time,
    webhooks,
    while_held,
)

__all__ = [
    "endless",
    "fencing",
    "ground",
    "hostile",
    "images",
    "leaving",
    "neighbours",
    "people",
    "processes",
    "resizing",
    "staleness",
    "tenants",
    "time",
    "webhooks",
    "while_held",
]
