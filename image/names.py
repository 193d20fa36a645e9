"""The image's name, the cache's location, and the supported architectures."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = "localhost/podtailor"  # the chart's default, so that an install needs no flag


@dataclass(frozen=True)
class Architecture:
    """One platform, under each of the names that the tools have for it."""

    name: str  # OCI's, with the variant
    debian: str
    suite: str
    emulator: str
    wheels: tuple[str, ...] = ()  # built here: the index has none for this platform

    @property
    def arch(self) -> str:
        return self.name.partition("/")[0]

    @property
    def variant(self) -> str:
        return self.name.partition("/")[2]

    @property
    def platform(self) -> str:
        return f"linux/{self.name}"

    @property
    def word(self) -> str:
        """The name in file names."""
        return self.name.replace("/", "")


AMD64 = Architecture("amd64", "amd64", "trixie", "qemu-x86_64-static")
ARM64 = Architecture("arm64", "arm64", "trixie", "qemu-aarch64-static")
# The older suite: its Python 3.11 is what these wheels are known to build for.
ARMV7 = Architecture(
    "arm/v7", "armhf", "bookworm", "qemu-arm-static", ("msgspec", "cffi", "PyYAML")
)
EVERY = (AMD64, ARM64, ARMV7)


def native() -> Architecture:
    """The architecture of this machine."""
    machine = os.uname().machine
    known = {"x86_64": AMD64, "aarch64": ARM64, "armv7l": ARMV7}
    if machine not in known:
        raise ValueError(f"no image is built for {machine}")
    return known[machine]


def version() -> str:
    """The chart's appVersion: the tag that an installation uses by default."""
    text = (ROOT / "charts/podtailor/Chart.yaml").read_text()
    found = re.search(r'^appVersion: "?([^"\s]+)"?$', text, re.MULTILINE)
    if found is None:
        raise ValueError("charts/podtailor/Chart.yaml has no appVersion")
    return found[1]


def name() -> str:
    return f"{REPOSITORY}:{version()}"


def cache(environ: Mapping[str, str]) -> Path:
    """The cache's folder, beside the cluster's binaries and outside every work tree."""
    if given := environ.get("PODTAILOR_CACHE"):
        return Path(given).absolute() / "image"
    base = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).absolute() / "podtailor" / "image"
