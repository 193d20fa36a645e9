"""A virtual machine joins the cluster as a tainted node, and leaves it again."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .. import build, debian, watch
from ..layout import cache_of
from ..network import enter
from ..pki import Authority
from ..say import ClusterError, say
from . import guest, kept_moment, qemu, root_disk, tools_disk
from .machine import Machine

_PATIENCE = 180.0  # seconds until its node is Ready


def join(machine: Machine, environ: Mapping[str, str]) -> None:
    """Bring it up as a node; a machine that runs is left alone."""
    if qemu.runs(machine):
        return
    if machine.home.exists():
        say(f"{machine.name} ended without leaving: starting it again")
        leave(machine)
    debian.install(root_disk.needed(machine.kind))
    machine.home.mkdir()
    disks = _disks(machine, environ)
    kept_moment.start(machine, disks)
    _connect(machine)
    guest.await_prepared(machine)
    guest.become_node(machine, Authority(machine.layout.pki))
    watch.await_node(machine.layout, machine.name, _PATIENCE)
    say(f"{machine.name} is Ready")


def leave(machine: Machine) -> None:
    """Remove the node with its pods, then the machine: otherwise its pods hang in Terminating."""
    watch.forget_node(machine.layout, machine.name)
    qemu.end(machine)
    shutil.rmtree(machine.home)


def inside(machine: Machine, command: str) -> tuple[str, ...]:
    """The command line, for this machine, of a shell command in the virtual one."""
    if not qemu.runs(machine):
        raise ClusterError(f"{machine.name} is not up: tests/cluster/up --node {machine.name}")
    return guest.ssh(machine, command)


def _disks(machine: Machine, environ: Mapping[str, str]) -> Path:
    """The folder of the disks and of the kept moment, each made if missing."""
    cache = cache_of(environ)
    root = root_disk.built(cache, machine.kind)
    shutil.copy(root / "ssh", machine.key)
    with build.only_one(cache / "vm" / "lock", "another checkout makes its disk: waiting"):
        disks = tools_disk.built(root, machine.kind.architecture, environ)
        kept_moment.ensure(machine, disks)
    return disks


def _connect(machine: Machine) -> None:
    """The first node forwards to the machine and its pods."""
    first = machine.layout.node(1)
    for argv in (
        ("address", "replace", f"{first.address}/32", "dev", machine.tap),
        ("route", "replace", f"{machine.address}/32", "dev", machine.tap),
        (
            *("route", "replace", machine.pod_range, "via", machine.address),
            *("dev", machine.tap, "onlink"),
        ),
    ):
        done = subprocess.run(enter(first, ("ip", *argv)), capture_output=True, text=True)
        if done.returncode != 0:
            raise ClusterError(f"`ip {' '.join(argv)}` failed: {done.stderr.strip()}")
