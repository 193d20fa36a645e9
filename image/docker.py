"""Building where there is a Docker engine: buildx pulls the slim bases, nothing is made here."""

import subprocess
from pathlib import Path

from . import machine
from .names import ROOT, version
from .say import run, say


def is_there() -> bool:
    """An engine, not just the client."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True).returncode == 0
    except OSError:
        return False


def build(tag: str, folder: Path, *, cached: bool = True) -> str:
    """Builds for this machine and leaves the image in the engine; its ID."""
    words = ["docker", "buildx", "build", "--load", "--tag", tag]
    words += ["--build-arg", f"VERSION={version()}"]
    words += [] if cached else ["--no-cache"]
    for name, path in machine.secrets(folder).items():
        words += ["--secret", f"id={name},src={path}"]
    say(f"building {tag} with Docker")
    run(*words, ROOT)
    return run("docker", "image", "inspect", "--format", "{{.Id}}", tag)


def save(tag: str, archive: Path) -> None:
    """A docker-archive."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    run("docker", "save", "--output", archive, tag)
