"""The build machine's Debian: its mirrors, from its own apt sources, and the programs we need."""

import os
import shutil
from collections.abc import Iterable

from .say import ImageError, run, say

PROGRAMS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap"}
EMULATION = {"qemu-aarch64-static": "qemu-user-static"}
CROSS = {"arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf"}
_WAITS = ("-o", "DPkg::Lock::Timeout=300")  # seconds for what else installs at the moment


def ensure(programs: dict[str, str]) -> None:
    """Install whichever of the programs (program -> package) are missing."""
    if os.geteuid() != 0:
        raise ImageError(
            "without Docker, building and mounting base images needs root: run this as root"
        )
    missing = sorted({p for name, p in programs.items() if shutil.which(name) is None})
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise ImageError(f"there is neither Docker here nor apt-get to install {missing}")
    extra = ["libc6-dev-armhf-cross"] if "gcc-arm-linux-gnueabihf" in missing else []
    say(f"installing {' '.join(missing + extra)}")
    _apt("install", "--yes", "--no-install-recommends", *missing, *extra)


def sources(suite: str, security: bool = True) -> list[str]:
    """Lines for apt's sources: the machine's own mirrors, with the requested suite."""
    mirrors = _mirrors()
    if "Debian" not in mirrors:
        raise ImageError("this machine has no Debian mirror in its apt sources, and no Docker")
    lines = [f"deb {mirrors['Debian']} {suite} main"]
    if security:
        lines.append(f"deb {mirrors['Debian']} {suite}-updates main")
        if "Debian-Security" in mirrors:
            lines.append(f"deb {mirrors['Debian-Security']} {suite}-security main")
    return lines


def _mirrors() -> dict[str, str]:
    """Label -> address, as apt itself reads its files, in either format."""
    form = "$(LABEL) $(REPO_URI)"
    question = ("apt-get", "indextargets", "--format", form, "Created-By: Packages")
    text = run(*question)
    if not text:
        run(
            "apt-get", "--quiet", "update"
        )  # labels come from the indexes: a fresh machine has none
        text = run(*question)
    return _first_of_each(line.split(" ", 1) for line in text.splitlines() if " " in line)


def _first_of_each(pairs: Iterable[list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, address in pairs:
        found.setdefault(label, address)
    return found


def _apt(*arguments: str) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run("apt-get", "--quiet", *_WAITS, *arguments, environ=environ)
    except ImageError:
        run("apt-get", "--quiet", "update", environ=environ)
        run("apt-get", "--quiet", *_WAITS, *arguments, environ=environ)
