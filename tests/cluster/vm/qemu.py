"""QEMU: its command line, and the monitor by which it is stopped, kept and continued.

Without hardware virtualisation, which many machines with a cluster in a sandbox do not have: what
runs inside is 5 to 30 times slower than outside.
"""

import json
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .. import process
from ..debian import SEARCHED
from ..network import enter
from ..say import ClusterError
from .machine import Machine

_MAC = "52:54:00:00:00:01"
ADMINISTRATION = "fe80::5054:ff:fe00:1"
"""The link-local address that follows from the MAC: every machine has it, each on its own tap."""
_PATIENCE = 180.0  # seconds for a change of state
_NICE = "5"  # what runs beside it is judged by the second, this never


def start(machine: Machine, disks: Path, root: str, *arguments: str) -> None:
    """Start the machine in the first node's network, with that root disk (QEMU's words)."""
    first, kind = machine.layout.node(1), machine.kind
    _tap(machine)
    tools = f"file={disks / 'tools.img'},format=raw,if=none,id=tools,readonly=on"
    argv = [
        *("nice", "-n", _NICE, kind.emulator, "-nodefaults", "-display", "none"),
        # tb-size in MiB: the translated code else takes up to 1 GiB.
        *("-machine", kind.board, "-accel", "tcg,thread=multi,tb-size=256", "-cpu", kind.processor),
        *("-smp", str(kind.cpus), "-m", str(kind.memory)),
        *("-kernel", str(disks.parent / "vmlinuz"), "-initrd", str(disks.parent / "initrd.img")),
        # Debian's kernel has PSI built in but off.
        *("-append", f"console={kind.console} rw quiet net.ifnames=0 psi=1"),
        *("-drive", f"{root},if=none,id=root,cache=unsafe", "-device", "virtio-blk-pci,drive=root"),
        *("-drive", tools, "-device", "virtio-blk-pci,drive=tools"),
        *("-netdev", f"tap,id=n,ifname={machine.tap},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=n,mac={_MAC},romfile="),
        *("-serial", f"file:{machine.console}"),
        *("-qmp", f"unix:{machine.monitor},server=on,wait=off", *arguments),
    ]
    name, _, marker = machine.layout.marker.partition("=")
    # What the guest writes goes into an unnamed file in TMPDIR.
    environment = {"PATH": SEARCHED, "TMPDIR": str(machine.home), name: marker}
    log = machine.console.with_suffix(".qemu.log")
    process.spawn(enter(first, tuple(argv)), environment, log, machine.pid)


def runs(machine: Machine) -> bool:
    return process.recorded(machine.pid) is not None


def require(machine: Machine) -> None:
    """Raises ClusterError with the end of its output if the machine ended."""
    if not runs(machine):
        log = machine.console.with_suffix(".qemu.log").read_text(errors="replace")
        console = machine.console.read_text(errors="replace") if machine.console.exists() else ""
        raise ClusterError(f"the virtual machine ended: {log[-1000:]}\n{console[-2000:]}")


def end(machine: Machine) -> None:
    """End it at once: nothing of what it wrote is kept."""
    if record := process.recorded(machine.pid):
        process.end(record, grace=0)
    machine.pid.unlink(missing_ok=True)
    machine.monitor.unlink(missing_ok=True)
    first = machine.layout.node(1)
    device = ("ip", "link", "delete", machine.tap)
    subprocess.run(enter(first, device), capture_output=True)


class Monitor:
    """One conversation with QEMU's monitor (QMP)."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        deadline = time.monotonic() + _PATIENCE
        while True:
            require(machine)
            try:
                self._socket.connect(str(machine.monitor))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._lines = self._socket.makefile("rb")
        self._lines.readline()  # the greeting
        self.ask("qmp_capabilities")

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, command: str, **arguments: object) -> dict[str, object]:
        """The answer to a command. Raises ClusterError where QEMU refuses it."""
        asked = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(asked).encode() + b"\n")
        while line := self._lines.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise ClusterError(f"QEMU, {command}: {answer['error']}")
            if "return" in answer:
                return dict(answer["return"])
        raise ClusterError(f"QEMU ended at {command}")

    def await_status(self, query: str, wanted: Sequence[str]) -> None:
        """Wait until the answer to a query has one of these statuses."""
        deadline = time.monotonic() + _PATIENCE
        while (status := self.ask(query).get("status")) not in wanted:
            require(self._machine)
            if status == "failed" or time.monotonic() > deadline:
                raise ClusterError(f"QEMU, {query}: {status}")
            time.sleep(0.2)


def _tap(machine: Machine) -> None:
    first = machine.layout.node(1)
    shown = enter(first, ("ip", "link", "show", machine.tap))
    if subprocess.run(shown, capture_output=True).returncode != 0:
        added = ("ip", "tuntap", "add", "dev", machine.tap, "mode", "tap")
        subprocess.run(enter(first, added), capture_output=True, check=True)
    up = ("ip", "link", "set", machine.tap, "up")
    subprocess.run(enter(first, up), capture_output=True, check=True)
