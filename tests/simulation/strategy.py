"""Worlds whose workloads ask for `strategy: resize`: which seeds, and what is drawn there.

Drawn apart from everything else, so that a seed without it is the world that it was.

| what                                   | how often                                               |
| -------------------------------------- | ------------------------------------------------------- |
| `podtailor.io/strategy: resize`        | four workloads of five                                  |
| `mode: auto`                           | those, but one of ten                                   |
| `podtailor.io/burst: "on"`             | of those, four of five where there are node agents      |
| `resizePolicy` `RestartContainer`      | one container of six: for CPU, or for memory            |
| `podtailor.io/restart-on-resize`       | one workload of eight: for CPU, or for memory           |
"""

from random import Random

from store.annotations import PREFIX
from tests.simulation.etcd import Json

STRATEGY = PREFIX + "strategy"
_MODE = PREFIX + "mode"
_BURST = PREFIX + "burst"
_RESTARTS = PREFIX + "restart-on-resize"
_RESTART = "RestartContainer"


def drawn(seed: int) -> bool:
    """Whether a seed's workloads are resized in place: 21, 46, 71 …, and 12, 37, 62 …"""
    return seed % 25 == 21 or watched(seed)


def watched(seed: int) -> bool:
    """Whether its nodes have agents: 12, 37, 62 …"""
    return seed % 25 == 12


def draw(seed: int, name: str, annotations: Json, containers: list[Json]) -> None:
    """Add what one workload of such a seed asks for."""
    if not drawn(seed):
        return
    chance = Random(f"{seed}/{name}/strategy")
    if chance.random() < 0.8:
        annotations[STRATEGY] = "resize"
        annotations[_MODE] = "auto" if chance.random() < 0.9 else annotations.get(_MODE, "auto")
        if watched(seed) and chance.random() < 0.8:
            annotations[_BURST] = "on"
    for container in containers:
        if chance.random() < 1 / 6:
            resource = chance.choice(["cpu", "memory"])
            policy = {"resourceName": resource, "restartPolicy": _RESTART}
            container["resizePolicy"] = [policy]
    if chance.random() < 1 / 8:
        annotations[_RESTARTS] = chance.choice(["cpu", "memory"])


def restarts(container: Json, resource: str) -> bool:
    """Whether a container is started again where that resource is resized."""
    policies = container.get("resizePolicy") or ()
    return any((p["resourceName"], p["restartPolicy"]) == (resource, _RESTART) for p in policies)
