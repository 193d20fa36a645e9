"""One virtual machine: its name, addresses and files, all derived from the cluster's layout."""

from dataclasses import dataclass
from pathlib import Path

from ..layout import Layout, Place
from .kinds import KINDS, Kind


@dataclass(frozen=True)
class Machine(Place):
    """A node of its own kernel: Debian 12 with cgroup v2, systemd's cgroup driver and PSI."""

    name: str
    layout: Layout
    kind: Kind

    @property
    def home(self) -> Path:
        return self.layout.home / self.name

    @property
    def tap(self) -> str:
        """The machine's end of the network, in the first node's namespace and no other."""
        return f"tap-{self.name}"

    @property
    def pid(self) -> Path:
        return self.home / "pid"

    @property
    def monitor(self) -> Path:
        """The socket by which QEMU is asked to stop, go on or quit."""
        return self.home / "monitor"

    @property
    def key(self) -> Path:
        """What opens the machine to us, by ssh."""
        return self.home / "ssh"

    @property
    def console(self) -> Path:
        return self.layout.logs / f"{self.name}.log"


def machine_of(layout: Layout, name: str) -> Machine:
    """The machine of that name in this cluster, there or not."""
    kind = KINDS[name]
    return Machine(kind.number, name, layout, kind)


def machines(layout: Layout) -> list[Machine]:
    """Those that joined, running or not."""
    every = (machine_of(layout, name) for name in KINDS)
    return [machine for machine in every if machine.home.is_dir()]
