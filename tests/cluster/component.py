"""A server of the cluster: its command, where it runs, and how to check that it serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from .layout import Node


@dataclass(frozen=True)
class Component:
    """`probe` exits 0 inside the node's namespace once the component serves."""

    name: str
    node: Node
    argv: Sequence[str]
    probe: Sequence[str]
    patience: float = 60.0  # seconds that it has to serve after its start


def listens(address: str, port: int) -> tuple[str, ...]:
    """A probe that needs no program except bash."""
    return ("bash", "-c", f"exec 3<>/dev/tcp/{address}/{port}")
