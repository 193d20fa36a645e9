"""The cluster's non-default options; stored with it, so that every command knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .layout import Layout

SELF_SIGNED_KUBELETS = "self-signed-kubelets"
METRICS_SERVER = "metrics-server"
LARGE = "large"
EVERY = {
    SELF_SIGNED_KUBELETS: "kubelets make their serving certificates, as on kind and kubeadm",
    METRICS_SERVER: "with the real metrics-server; built once, then cached",
    LARGE: "controllers may ask a thousand times a second, and measured users' writes are logged",
}


@dataclass(frozen=True)
class Order:
    """The least number of nodes, what is reserved on which node (by number), and the options.

    `machines`: the nodes in virtual machines, by name.
    """

    nodes: int = 1
    reserved: Mapping[int, dict[str, str]] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()


def has(layout: Layout, option: str) -> bool:
    return (layout.home / option).exists()


def add(layout: Layout, option: str) -> bool:
    """True if that is a change."""
    if has(layout, option):
        return False
    (layout.home / option).touch()
    return True
