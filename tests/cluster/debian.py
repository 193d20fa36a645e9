"""Debian packages: those that the machine needs, and those that only an image needs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .say import ClusterError, Unavailable, say

# Program -> package. An existing program, wherever it comes from, is used as it is.
_PROGRAMS = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "ip": "iproute2",
    "nft": "nftables",  # kube-proxy calls it
    "nsenter": "util-linux",
    "umount": "mount",
}
_FILES = {"/usr/lib/cni/bridge": "containernetworking-plugins"}
_LIBRARIES = (
    "libpcre2-8-0",
    "libssl3",
    "zlib1g",
    "libcrypt1",
)  # of the nginx image, taken from this machine
SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Debian starts a package's service on installation unless this script denies it. We start our own
# containerd and etcd in our own namespace; the machine's must not run.
_POLICY = Path("/usr/sbin/policy-rc.d")
_NO_SERVICES = "#!/bin/sh\nexit 101\n"
_WAITS = "DPkg::Lock::Timeout=300"  # seconds for what another suite installs


def ensure(given: Mapping[str, Path]) -> None:
    """Install missing programs; `given` names those that need no package."""
    programs = {name: package for name, package in _PROGRAMS.items() if name not in given}
    install(programs | _FILES)


def install(needed: Mapping[str, str]) -> None:
    """Install what is missing of these programs and files, each from the package named with it.

    Raises Unavailable where that cannot be.
    """
    missing = _missing(needed)
    if not missing:
        return
    packages = sorted(set(missing.values()))
    if shutil.which("apt-get", path=SEARCHED) is None or os.geteuid() != 0:
        parts = "\n".join(f"  {part} (Debian: {name})" for part, name in missing.items())
        raise Unavailable(f"missing on this machine, and only root on Debian installs:\n{parts}")
    say(f"installing {' '.join(packages)}")
    try:
        _install(packages)
    except ClusterError as error:
        raise Unavailable(str(error)) from error
    if still := _missing(needed):
        raise Unavailable(f"still missing after the installation: {', '.join(still)}")


def unpacked(cache: Path, package: str) -> Path:
    """The package's files in a folder of the cache: fetched once, unpacked, never installed."""
    folder = cache / "debian" / package
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    say(f"fetching the files of {package}")
    _install(list(_LIBRARIES))
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        os.chmod(temporary, 0o777)  # apt downloads as its own user
        _apt("download", package, folder=temporary)
        for archive in Path(temporary).glob("*.deb"):
            _run(["dpkg-deb", "--extract", str(archive), f"{temporary}/root"], temporary)
        if not folder.exists():  # another checkout may have been faster
            (Path(temporary) / "root").rename(folder)
    return folder


def _missing(needed: Mapping[str, str]) -> dict[str, str]:
    """Of programs by name and files by path (with a slash), those that are not there."""
    return {
        name: package
        for name, package in needed.items()
        if not (Path(name).exists() if "/" in name else shutil.which(name, path=SEARCHED))
    }


def _install(packages: list[str]) -> None:
    ours = not _POLICY.exists()
    if ours:
        _POLICY.write_text(_NO_SERVICES)
        _POLICY.chmod(0o755)
    try:
        _apt("install", "--yes", "--no-install-recommends", *packages)
    finally:
        if ours:
            _POLICY.unlink()


def _apt(verb: str, *arguments: str, folder: str = "/") -> None:
    """Run apt; retry once after fetching the package lists, which a fresh machine lacks."""
    command = ["apt-get", "--quiet", "-o", _WAITS, verb, *arguments]
    if _run(command, folder, check=False):
        return
    _run(["apt-get", "--quiet", "update"], folder)
    _run(command, folder)


def _run(command: list[str], folder: str, check: bool = True) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise ClusterError(f"`{' '.join(command)}` failed:\n{done.stderr.strip()}")
    return done.returncode == 0
