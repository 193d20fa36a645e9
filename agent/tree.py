"""Finds the cgroups of containers below a mounted /sys/fs/cgroup, and reads their files.

Only containers that count are looked for, and only while one of them has not been found. So a node
whose containers all are known, or of which none counts, costs no look at any folder.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent import identity

_DEPTH = 3
"""Folders from the mount point to the one of all pods, at most: kind and other kubelets nest it."""
_CPU = ("cpu", "cpu,cpuacct", "cpuacct,cpu")
_ACCOUNT = ("cpuacct", "cpu,cpuacct", "cpuacct,cpu")


@dataclass(frozen=True)
class Mount:
    """The hierarchies of a machine. `v2`: all in one; else each controller has its own."""

    root: Path
    v2: bool
    cpu: Path
    account: Path
    memory: Path


def mounted(root: Path) -> Mount:
    """What is mounted there. Raises FileNotFoundError where it is neither version.

    Where both are (hybrid), the CPU is in version 1.
    """
    if (root / "cgroup.controllers").exists():
        return Mount(root, True, root, root, root)
    cpu = _first(root, _CPU)
    account = _first(root, _ACCOUNT)
    if cpu is None or account is None:
        raise FileNotFoundError(f"no cgroup hierarchy with the cpu controller in {root}")
    return Mount(root, False, cpu, account, root / "memory")


def _first(root: Path, names: tuple[str, ...]) -> Path | None:
    return next((root / name for name in names if (root / name).is_dir()), None)


def found(mount: Mount, wanted: Mapping[str, str]) -> dict[str, str]:
    """Paths below the hierarchies by container ID; `wanted`: the pods' UIDs by container ID."""
    pods = {uid.replace("-", "").lower() for uid in wanted.values()}
    out: dict[str, str] = {}
    for top in _tops(mount.cpu, "", _DEPTH):
        for folder in _pods(mount.cpu, top, pods):
            for name in _folders(mount.cpu, folder):
                path = f"{folder}/{name}"
                one = identity.of(path)
                if one and _same(wanted.get(one.container), one.pod):
                    out[one.container] = path
    return out


def _same(asked: str | None, uid: str) -> bool:
    return asked is not None and asked.replace("-", "").lower() == uid.replace("-", "").lower()


def _tops(base: Path, folder: str, depth: int) -> Iterator[str]:
    """The folders of all pods of a kubelet."""
    for name in _folders(base, folder):
        path = f"{folder}/{name}"
        if identity.ROOT.fullmatch(name):
            yield path
        elif depth > 1:
            yield from _tops(base, path, depth - 1)


def _pods(base: Path, top: str, pods: Collection[str]) -> Iterator[str]:
    """The folders of these pods, in or below that of their QoS class."""
    for name in _folders(base, top):
        uid = identity.pod_of(name)
        if uid is None and identity.quality(name):
            yield from _pods(base, f"{top}/{name}", pods)
        elif uid is not None and uid.replace("-", "").lower() in pods:
            yield f"{top}/{name}"


def _folders(base: Path, folder: str) -> list[str]:
    try:
        with os.scandir(f"{base}{folder}") as entries:
            return [e.name for e in entries if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []  # it is gone, or was never ours to read
