"""Builds with a Docker engine: buildx pulls the slim base images, none is built here."""

import subprocess
from pathlib import Path

from . import machine
from .names import ROOT, version
from .say import run, say


def is_there() -> bool:
    """Whether an engine runs, not just the client is installed."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True).returncode == 0
    except OSError:
        return False


def build(tag: str, folder: Path, *, cached: bool = True) -> str:
    """Build for this machine and leave the image in the engine; its ID."""
    arguments = ["docker", "buildx", "build", "--load", "--tag", tag]
    arguments += ["--build-arg", f"VERSION={version()}"]
    arguments += [] if cached else ["--no-cache"]
    for name, path in machine.secrets(folder).items():
        arguments += ["--secret", f"id={name},src={path}"]
    say(f"building {tag} with Docker")
    run(*arguments, ROOT)
    return run("docker", "image", "inspect", "--format", "{{.Id}}", tag)


def save(tag: str, archive: Path) -> None:
    """Save a docker-archive."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    run("docker", "save", "--output", archive, tag)
