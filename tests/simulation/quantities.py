"""Sums of what pods ask for, counted independently of the product.

A model that used the product's own arithmetic to judge the product would agree with its mistakes.
Only the text of a quantity is read with the product's reader (it is the client library's).
"""

from functools import lru_cache
from typing import Any

from kube import quantity
from tests.simulation.etcd import once

Json = dict[str, Any]
RESOURCES = ("cpu", "memory")


@lru_cache(maxsize=8192)
def amount(resource: str, text: str | int) -> int:
    """Millicores, or bytes; pods as they are."""
    if resource == "pods":
        return int(text)
    return quantity.cpu(text) if resource == "cpu" else quantity.memory(text)


def of_container(container: Json, part: str, resource: str) -> int | None:
    """One amount of a container; None where it is not set."""
    text = ((container.get("resources") or {}).get(part) or {}).get(resource)
    return None if text is None else amount(resource, text)


@once
def requests(pod: Json) -> tuple[int, int]:
    """CPU and memory that a pod takes up on its node (no init containers in the model).

    While it is being resized in place, the larger of what it asks for and what it has.
    """
    had = {c["name"]: c for c in (pod.get("status") or {}).get("containerStatuses") or ()}
    cpu = memory = 0
    for container in pod["spec"]["containers"]:
        both = (container, had.get(container["name"], container))
        cpu += max(of_container(c, "requests", "cpu") or 0 for c in both)
        memory += max(of_container(c, "requests", "memory") or 0 for c in both)
    return cpu, memory


def total(pod: Json, part: str, resource: str) -> int:
    """The sum over a pod's containers, 0 where nothing is set."""
    return sum(of_container(c, part, resource) or 0 for c in pod["spec"]["containers"])


def qos(pod: Json) -> str:
    """The QoS class, as the documentation defines it."""
    containers = pod["spec"]["containers"]
    pairs = [
        (of_container(c, "requests", r), of_container(c, "limits", r))
        for c in containers
        for r in RESOURCES
    ]
    if not any(a or b for a, b in pairs):
        return "BestEffort"
    if all(limit and (request is None or request == limit) for request, limit in pairs):
        return "Guaranteed"
    return "Burstable"
