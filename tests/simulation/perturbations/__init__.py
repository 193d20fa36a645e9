"""Every perturbation; importing this registers them all."""

from tests.simulation.perturbations import (
    agents,
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
    "agents",
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
