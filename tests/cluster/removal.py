"""Removes a cluster, or one of its nodes; safe to repeat after any interruption."""

import shutil

from . import cgroups, kernel, leftovers, network
from .layout import NODES_AT_MOST, Layout, Node


def remove(layout: Layout) -> None:
    """Remove the cluster, including nodes without a folder, left by an interrupted removal."""
    every = [layout.node(number) for number in range(1, NODES_AT_MOST + 1)]
    remove_nodes(layout, every, whole=True)
    leftovers.unmount_below(layout.home)
    if layout.home.exists():
        shutil.rmtree(layout.home)
    network.remove_empty_folder()
    kernel.put_back(layout)


def remove_nodes(layout: Layout, nodes: list[Node], whole: bool) -> None:
    """Remove these nodes and, if `whole`, every process of the cluster."""
    leftovers.kill_processes(layout, nodes, marked=whole)
    for node in nodes:
        leftovers.remove_shared_files(layout, node)
        leftovers.unmount_below(node.home)
        network.remove(node)
        cgroups.remove(node)
        if node.home.exists():
            shutil.rmtree(node.home)
