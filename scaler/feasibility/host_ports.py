"""Ports of the host: each exists once per node. Pure.

An address does not make two of them: a port of one address counts as that of all.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from kube import objects
from kube.memo import once

Port = tuple[str, int]
"""Protocol and number."""

InUse = Counter[tuple[str, Port]]
"""How many pods use a port, by node and port."""


def in_use(pods: Iterable[objects.Pod]) -> InUse:
    """The ports that pods with a node use."""
    return Counter((p.spec.node_name or "", port) for p in pods for port in ports(p))


def objection(pod: objects.Pod, used: InUse, *, gone: bool) -> Callable[[str], str | None]:
    """Why a node does not have the pod's ports; `gone`: once the pod itself is not there."""
    own, home = ports(pod), pod.spec.node_name
    if not own:
        return lambda name: None

    def why(name: str) -> str | None:
        spared = int(gone and name == home)
        taken = next((port for port in own if used[(name, port)] > spared), None)
        return f"whose port {taken[1]} is in use" if taken else None

    return why


@once
def ports(pod: objects.Pod) -> list[Port]:
    """The ports of the host that the pod asks for."""
    of = [*pod.spec.containers, *(pod.spec.init_containers or ())]
    return [(p.protocol, p.host_port) for c in of for p in c.ports or () if p.host_port]


def words(pod: objects.Pod) -> str | None:
    """Why it cannot be beside another one on the same node; None: it can."""
    if pod.spec.host_network:
        return "it is on the host's network"
    found = ports(pod)
    return f"it has port {found[0][1]} of the host" if found else None
