"""Finds and removes everything that a cluster has on the machine, however it ended.

Records alone are not trusted: a crash may come between starting a process and recording it. What
belongs to the cluster is recognised by its environment, cgroup, network namespace or path.
"""

import contextlib
import hashlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from . import cgroups, process
from .containerd import DEFAULT_ADDRESS, network_name
from .layout import Layout, Node
from .say import ClusterError

_OCTAL = re.compile(r"\\([0-7]{3})")
_SHIM = re.compile(r"v2\.task/k8s\.io/([0-9a-f]{64})")
_SHIM_SOCKETS = Path("/run/containerd/s")  # compiled into containerd's shims
_CNI_RESULTS = Path("/var/lib/cni/results")  # compiled into containerd's network library
_CONTAINER_LINKS = Path("/var/log/containers")  # compiled into the kubelet


def kill_processes(layout: Layout, nodes: list[Node], marked: bool) -> None:
    """Kill what runs on those nodes and, if `marked`, everything that the cluster ever started."""
    deadline = time.monotonic() + 20
    ended: set[int] = set()
    while pids := _processes(layout, nodes, marked):
        for pid in pids:
            if record := process.record_of(pid):
                record.send(signal.SIGKILL)
        if time.monotonic() > deadline:
            raise ClusterError(f"processes do not end: {sorted(pids)}")
        ended |= pids
        time.sleep(0.05)
    _await_burial(ended)


def _await_burial(pids: set[int]) -> None:
    """Wait for zombies: some machines' init takes a second, and `ps` would still show them."""
    deadline = time.monotonic() + 3
    while any(process.is_dead(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)


def unmount_below(folder: Path) -> None:
    """Unmount everything under a folder, innermost first."""
    for _ in range(5):  # mounts may be stacked
        points = [point for point in _mount_points() if point.is_relative_to(folder)]
        if not points:
            return
        for point in sorted(points, key=lambda path: len(path.parts), reverse=True):
            os.spawnlp(os.P_WAIT, "umount", "umount", "--lazy", "--", str(point))
    raise ClusterError(f"still mounted below {folder}: {', '.join(map(str, points))}")


def remove_shared_files(layout: Layout, node: Node) -> None:
    """Remove this node's files from folders whose paths are compiled into other programs."""
    for socket in _shim_sockets(layout, node):
        socket.unlink(missing_ok=True)
    if DEFAULT_ADDRESS.is_symlink() and DEFAULT_ADDRESS.readlink() == node.containerd_address:
        DEFAULT_ADDRESS.unlink()
    prefix = f"{network_name(node)}-"
    for result in _CNI_RESULTS.glob(f"{prefix}*"):
        sandbox = result.name.removeprefix(prefix).rpartition("-")[0]
        (_CNI_RESULTS / f"cni-loopback-{sandbox}-lo").unlink(missing_ok=True)
        result.unlink(missing_ok=True)
    for link in _CONTAINER_LINKS.glob("*.log"):
        if link.is_symlink() and Path(os.readlink(link)).is_relative_to(node.home):
            link.unlink()
    for folder in (_SHIM_SOCKETS, _SHIM_SOCKETS.parent, _CNI_RESULTS, _CNI_RESULTS.parent):
        with contextlib.suppress(OSError):
            folder.rmdir()  # only works if it is empty, so not used by others
    with contextlib.suppress(OSError):
        _CONTAINER_LINKS.rmdir()


def _shim_sockets(layout: Layout, node: Node) -> Iterator[Path]:
    """Sockets of all shims that ever ran: a killed shim leaves its socket behind, and only the log
    still contains its id. The name is computed as the shims do it."""
    log = layout.logs / f"{node.component('containerd')}.log"
    text = log.read_text(errors="replace") if log.exists() else ""
    for sandbox in set(_SHIM.findall(text)):
        name = f"{node.containerd_address}/k8s.io/{sandbox}"
        yield _SHIM_SOCKETS / hashlib.sha256(name.encode()).hexdigest()


def _processes(layout: Layout, nodes: list[Node], marked: bool) -> set[int]:
    """Pids of this cluster, except this command and its callers."""
    found: set[int] = set()
    namespaces = {_inode(node.netns_path) for node in nodes} - {None}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        if _inode(entry / "ns/net") in namespaces or (marked and _is_marked(entry, layout)):
            found.add(int(entry.name))
    for node in nodes:
        found |= cgroups.processes(node)
    return {pid for pid in found - _callers() if _lives(pid)}


def _lives(pid: int) -> bool:
    record = process.record_of(pid)
    return record is not None and bool(record.state)


def _is_marked(entry: Path, layout: Layout) -> bool:
    try:
        return os.fsencode(layout.marker) in (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _callers() -> set[int]:
    """This process and its ancestors, which may run inside the namespace."""
    pid, found = os.getpid(), set[int]()
    while pid > 1:
        found.add(pid)
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            break
        pid = int(stat.rpartition(")")[2].split()[1])
    return found


def _mount_points() -> list[Path]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [Path(_OCTAL.sub(_character, line.split()[4])) for line in lines]


def _character(escape: re.Match[str]) -> str:
    """Decodes blanks in paths, which are octal escapes in that file."""
    return chr(int(escape[1], 8))
