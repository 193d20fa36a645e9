"""Is an unpacked image complete? Imports all our modules and runs both programs with `--help`.

An image for another architecture runs under qemu, called by name: nothing is registered with the
kernel.
"""

import os
import shutil
from pathlib import Path

from .names import Architecture, native
from .say import ImageError, run

PROGRAMS = ("webhook", "scaler", "agent")
ENVIRONMENT = {
    "PATH": "/usr/bin",
    "PYTHONPATH": "/podtailor/code:/podtailor/deps",
    "PYTHONPYCACHEPREFIX": "/podtailor/compiled",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_IMPORTS = """
import importlib, pkgutil, platform, sys
for name in ("kube", "store", "link", "webhook", "scaler", "agent"):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(module.name)
print("Python", platform.python_version(), platform.machine(), len(sys.modules), "modules")
"""


def tried(root: Path, architecture: Architecture) -> str:
    """What the image prints about itself; raises ImageError if something does not run."""
    summary = python(root, architecture, "-c", _IMPORTS)
    for program in PROGRAMS:
        if f"usage: python -m {program}" not in python(root, architecture, "-m", program, "--help"):
            raise ImageError(f"{program} --help does not print its usage for {architecture.name}")
    return summary


def python(root: Path, architecture: Architecture, *arguments: str) -> str:
    """Run the image's Python as the image's user, in its root; what it prints."""
    command = ["/usr/bin/python3", *arguments]
    if architecture != native():
        emulator = shutil.which(architecture.emulator)
        if emulator is None:
            raise ImageError(f"{architecture.emulator} (Debian: qemu-user-static) is missing")
        inside = root / architecture.emulator
        if not inside.exists():
            shutil.copy(emulator, inside)
        command = [f"/{architecture.emulator}", *command]
    chroot = shutil.which("chroot") or "/usr/sbin/chroot"
    return run(chroot, "--userspec=65532:65532", root, *command, environ=ENVIRONMENT)


def size_of(root: Path) -> int:
    """The size of all files, in bytes."""
    paths = (Path(folder) / name for folder, _, files in os.walk(root) for name in files)
    return sum(path.lstat().st_size for path in paths)
