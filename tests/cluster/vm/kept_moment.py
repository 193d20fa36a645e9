"""A machine's memory and disk just before it joins a cluster: a start that needs no boot.

Booting and loading the images takes a minute and more under emulation, going on from here seconds.
The moment knows no cluster, so that it serves every checkout.
"""

import shutil
from contextlib import closing
from pathlib import Path

from ..say import say
from . import guest, qemu
from .commands import run
from .machine import Machine


def start(machine: Machine, disks: Path) -> None:
    """Start the machine from the kept moment."""
    kept = disks / "moment"
    disk = f"file={kept / 'root.qcow2'},format=qcow2,snapshot=on"
    qemu.start(machine, disks, disk, "-incoming", f"exec:cat {kept / 'state'}")
    with closing(qemu.Monitor(machine)) as monitor:
        monitor.await_status("query-status", ("paused",))  # it was kept stopped
        monitor.ask("cont")


def ensure(machine: Machine, disks: Path) -> None:
    """Make it, in this machine's place, if there is none."""
    if (disks / "moment").is_dir():
        return
    say("booting the virtual machine once and keeping that moment (once; then cached)")
    making = disks / "moment.new"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    disk, base = str(making / "root.qcow2"), str(disks.parent / "root.img")
    run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", base, disk)
    qemu.start(machine, disks, f"file={disk},format=qcow2")
    guest.await_prepared(machine)
    guest.execute(machine, "sync; echo 1 >/proc/sys/vm/compact_memory")
    with closing(qemu.Monitor(machine)) as monitor:
        monitor.ask("stop")
        monitor.ask("migrate-set-parameters", **{"max-bandwidth": 4 << 30})
        monitor.ask("migrate", uri=f"exec:cat >{making / 'state'}")
        monitor.await_status("query-migrate", ("completed",))
    qemu.end(machine)
    making.rename(disks / "moment")
