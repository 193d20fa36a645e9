"""The kinds of virtual machine: what each is made of, and for which architecture."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind, a node of its own name in each cluster that has it.

    `number`: its addresses follow from it, after those of the nodes without a machine.
    `memory`: in MiB. A kept moment fits only a machine of the same processors and memory.
    """

    number: int
    architecture: str
    emulator: str
    package: str
    board: str
    processor: str
    cpus: int
    memory: int
    console: str


KINDS: Mapping[str, Kind] = {
    "v2": Kind(
        number=3,
        architecture="amd64",
        emulator="qemu-system-x86_64",
        package="qemu-system-x86",
        board="q35",
        processor="max",
        cpus=2,
        memory=2048,
        console="ttyS0",
    ),
    # The thesis's board, a Raspberry Pi 3, by core, their number and memory. QEMU's own model of
    # it (raspi3b) has no network card that Debian's kernel finds.
    "pi": Kind(
        number=4,
        architecture="arm64",
        emulator="qemu-system-aarch64",
        package="qemu-system-arm",
        board="virt",
        processor="cortex-a53",
        cpus=4,
        memory=1024,
        console="ttyAMA0",
    ),
}
"""By the node's name."""
