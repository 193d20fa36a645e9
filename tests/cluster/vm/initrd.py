"""The initrd: a static busybox and the disk's drivers, 1 MB instead of Debian's 15.

Unpacking it is most of a boot under emulation.
"""

import gzip
import shutil
import subprocess
import tempfile
from pathlib import Path

from .commands import run

_DRIVERS = ("virtio_pci", "virtio_mmio", "virtio_blk", "ext4", "crc32c_generic")
_INIT = """\
#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs d /dev
$b mount -t proc p /proc
$b mount -t sysfs s /sys
{loads}
until [ -b /dev/vda ]; do $b sleep 0.1; done
$b mount -t ext4 /dev/vda /mnt
$b umount /sys /proc
exec $b switch_root /mnt /sbin/init
"""


def write(root: Path, version: str, path: Path) -> None:
    """Make it from the unpacked root, for that kernel version."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        modules = folder / "lib/modules"
        for one in ("bin", "dev", "proc", "sys", "mnt"):
            (folder / one).mkdir()
        modules.mkdir(parents=True)
        shutil.copy(root / "bin/busybox", folder / "bin/busybox")
        loads = []
        for source in _modules(root, version):
            shutil.copy(source, modules)
            loads.append(f"$b insmod /lib/modules/{source.name}")
        init = folder / "init"
        init.write_text(_INIT.format(loads="\n".join(loads)))
        init.chmod(0o755)
        names = "\n".join(str(one.relative_to(folder)) for one in sorted(folder.rglob("*")))
        packed = subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"],
            input=names.encode(),
            cwd=folder,
            capture_output=True,
            check=True,
        )
        path.write_bytes(gzip.compress(packed.stdout, 1))


def _modules(root: Path, version: str) -> list[Path]:
    """The drivers' files, each after those that it needs."""
    found: dict[Path, None] = {}
    for driver in _DRIVERS:
        listed = run("modprobe", "-d", str(root), "-S", version, "--show-depends", driver)
        for line in listed.splitlines():
            verb, _, rest = line.partition(" ")
            if verb == "insmod":
                found[Path(rest.split()[0])] = None
    return list(found)
