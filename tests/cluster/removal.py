"""Taking a cluster, or one node of it, off the machine; safe to repeat after any interruption."""

import shutil

from . import cgroups, kernel, leftovers, network
from .layout import NODES_AT_MOST, Layout, Node


def remove(layout: Layout) -> None:
    """The whole cluster; also nodes without a folder, for a removal may have been interrupted."""
    every = [layout.node(number) for number in range(1, NODES_AT_MOST + 1)]
    remove_nodes(layout, every, whole=True)
    leftovers.unmount_below(layout.home)
    if layout.home.exists():
        shutil.rmtree(layout.home)
    network.remove_empty_folder()
    kernel.put_back(layout)


def remove_nodes(layout: Layout, nodes: list[Node], whole: bool) -> None:
    """Only these nodes, or, if `whole`, every process of the cluster with them."""
    leftovers.kill_processes(layout, nodes, marked=whole)
    for node in nodes:
        leftovers.remove_shared_files(layout, node)
        leftovers.unmount_below(node.home)
        network.remove(node)
        cgroups.remove(node)
        if node.home.exists():
            shutil.rmtree(node.home)
