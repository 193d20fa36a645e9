"""The parent cgroup of a node's pods, in every hierarchy of the machine.

The kubelet requires its cgroupRoot to exist. Each node has a root of its own, so that several
clusters can run side by side and `down` finds the containers' processes.
"""

import os
import time
from pathlib import Path

from .layout import Node

_WEIGHTS = {"cgroup": ("cpu.shares", "32768"), "cgroup2": ("cpu.weight", "3200")}
"""Pods come before whatever else the machine is busy with, up to their limits: a test that brings
a pod to its limit must not depend on the machine being quiet."""

_V2_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")


def roots() -> list[tuple[Path, str]]:
    """Mount point and file system type (cgroup or cgroup2) of every hierarchy."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [(Path(fields[1]), fields[2]) for fields in mounts if fields[2] in ("cgroup", "cgroup2")]


def make(node: Node) -> None:
    for root, kind in roots():
        if kind == "cgroup2":
            _delegate(root)
        folder = root / node.cgroup
        folder.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):
            # A new v1 cpuset is empty, and no process can be moved into it.
            if kind == "cgroup" and (root / name).exists():
                (folder / name).write_text((root / name).read_text())
        weight, share = _WEIGHTS[kind]
        if (folder / weight).exists():
            (folder / weight).write_text(share)


def processes(node: Node) -> set[int]:
    """Every process in the node's pods, in any hierarchy."""
    found: set[int] = set()
    for root, _ in roots():
        # Unlike Path.rglob, os.walk passes over cgroups that are removed meanwhile.
        for folder, _, _ in os.walk(root / node.cgroup):
            try:
                found.update(int(pid) for pid in Path(folder, "cgroup.procs").read_text().split())
            except OSError:
                continue  # the cgroup was removed while we read, or is a threaded one
    return found - {0}


def remove(node: Node) -> None:
    """Remove the tree; the kernel needs a moment after the last process is gone."""
    for root, _ in roots():
        deadline = time.monotonic() + 5
        while not _removed(root / node.cgroup) and time.monotonic() < deadline:
            time.sleep(0.05)


def _removed(folder: Path) -> bool:
    for path, _, _ in os.walk(folder, topdown=False):
        try:
            Path(path).rmdir()
        except OSError:
            return False
    return True


def _delegate(root: Path) -> None:
    """Enable a v2 root's controllers for its children, as far as the root has them."""
    control = root / "cgroup.subtree_control"
    present = (root / "cgroup.controllers").read_text().split()
    for controller in _V2_CONTROLLERS:
        if controller in present and controller not in control.read_text().split():
            control.write_text(f"+{controller}")
