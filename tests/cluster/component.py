"""What one server of the cluster is: its command, where it runs, how to tell that it serves."""

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
    patience: float = 60.0  # seconds from its start until it must serve


def listens(address: str, port: int) -> tuple[str, ...]:
    """A probe that needs no program beyond bash."""
    return ("bash", "-c", f"exec 3<>/dev/tcp/{address}/{port}")
