"""The Dockerfile's two base images, built from Debian packages of the machine's mirror.

`mmdebstrap --variant=extract` only unpacks and runs nothing, so another architecture needs no
emulator and takes five seconds like the machine's own.
"""

import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import debian, trim
from .names import Architecture
from .say import ImageError, run, say

_PACKAGES = ("base-files", "python3", "ca-certificates", "netbase")
_OLD = 30 * 24 * 3600  # seconds; then rebuilt, for Debian's security updates
_RETRY = 3600  # seconds until a base without security updates is rebuilt
# The format in which scanners read the packages of an image without dpkg. Runs on this machine.
_NOTE_PACKAGES = (
    'mkdir -p "$1/var/lib/dpkg/status.d"; for d in "$1"/var/cache/apt/archives/*.deb; do '
    'n=${d##*/}; dpkg-deb --field "$d" > "$1/var/lib/dpkg/status.d/${n%%_*}"; done'
)


@dataclass(frozen=True)
class Base:
    """A root file system: for running, or (with pip) for the build stage."""

    architecture: Architecture
    suite: str
    builds: bool

    @property
    def packages(self) -> tuple[str, ...]:
        return (*_PACKAGES, "python3-pip-whl") if self.builds else _PACKAGES

    @property
    def key(self) -> str:
        recipe = [self.suite, self.architecture.debian, *self.packages]
        text = " ".join(recipe).encode() + Path(trim.__file__).read_bytes()
        return hashlib.sha256(text).hexdigest()[:12]

    @property
    def word(self) -> str:
        return f"{'build' if self.builds else 'run'}-{self.suite}-{self.architecture.word}"


def rootfs(base: Base, cache: Path) -> Path:
    """The base as a tar file, from the cache unless that is missing or too old."""
    path = cache / "bases" / f"{base.word}-{base.key}.tar"
    if path.exists() and time.time() - path.stat().st_mtime < _OLD:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    say(f"making the base {base.word}")
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        expires = time.time()
        whole, small = Path(temporary) / "whole.tar", Path(temporary) / "small.tar"
        try:
            _unpack(base, whole, debian.sources(base.suite))
        except ImageError as error:
            # A mirror whose security index is broken for one architecture: an image for tests is
            # better than none, but the warning must be seen.
            _unpack(base, whole, debian.sources(base.suite, security=False))
            say(f"{error}\nimage: WARNING: {base.word} is built WITHOUT security updates")
            expires = time.time() - _OLD + _RETRY
        trim.trim(whole, small)
        os.utime(small, (expires, expires))
        small.replace(path)
    return path


def _unpack(base: Base, target: Path, sources: list[str]) -> None:
    listed = target.with_suffix(".list")
    listed.write_text("\n".join(sources) + "\n")
    run(
        "mmdebstrap",
        "--variant=extract",
        "--mode=root",
        f"--architectures={base.architecture.debian}",
        f"--include={','.join(base.packages)}",
        f"--extract-hook={_NOTE_PACKAGES}",
        base.suite,
        target,
        listed,
        environ={**os.environ, "SOURCE_DATE_EPOCH": "0"},
    )
