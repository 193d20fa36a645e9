"""Builds without Docker: buildah, with base images built here and a storage of its own.

The storage is in the cache directory, so the machine's own images are not touched, and removing
the cache removes everything.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import bases, machine
from .bases import Base
from .install import CACHE, WHEELS
from .names import ROOT, Architecture, native, version
from .say import run, say

_CACHED_AT_MOST = 40  # untagged images, of up to 140 MB each


@dataclass(frozen=True)
class Storage:
    """One buildah storage; `secrets` is a folder that only its owner can read."""

    cache: Path
    secrets: Path

    def __call__(self, *arguments: str | Path) -> str:
        place = ("--root", self.cache / "storage", "--runroot", self.cache / "running")
        environ = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
        return run("buildah", *place, "--storage-driver=overlay", *arguments, environ=environ)

    def base(self, base: Base) -> str:
        """The image ID of a base; a tag would not be found for another architecture."""
        archive = bases.rootfs(base, self.cache)
        # Ends in the archive's modification time: a rebuilt base is imported again.
        tag = f"localhost/{base.word}:{base.key}-{int(archive.stat().st_mtime)}"
        if found := self("images", "--quiet", "--no-trunc", "--filter", f"reference={tag}"):
            return found.split()[0].removeprefix("sha256:")
        architecture = native() if base.builds else base.architecture
        platform = ["--arch", architecture.arch]
        if architecture.variant:
            platform += ["--variant", architecture.variant]
        container = self("from", *platform, "scratch")
        try:
            self("add", "--quiet", container, archive, "/")
            self("config", "--arch", architecture.arch, container)
            if architecture.variant:
                self("config", "--variant", architecture.variant, container)
            return self("commit", "--quiet", "--timestamp=0", container, tag)
        finally:
            self("rm", container)

    def build(
        self,
        architecture: Architecture,
        tag: str,
        *,
        cached: bool = True,
        wheels: Path | None = None,
        labels: tuple[str, ...] = (),
    ) -> str:
        """Build the Dockerfile for one architecture; the image's ID."""
        self.tidy()
        running = self.base(Base(architecture, architecture.suite, builds=False))
        building = self.base(Base(native(), architecture.suite, builds=True))
        pip = self.cache / "pip"
        pip.mkdir(parents=True, exist_ok=True)
        arguments: list[str | Path] = ["build", "--quiet", "--timestamp=0", f"--tag={tag}"]
        arguments += ["--layers"] if cached else ["--layers", "--no-cache"]  # the same layers
        arguments += ["--platform", architecture.platform]
        arguments += ["--build-arg", f"BUILDPLATFORM={native().platform}"]
        arguments += ["--build-arg", f"BASE={running}", "--build-arg", f"BUILD_BASE={building}"]
        arguments += ["--build-arg", f"VERSION={version()}", "--volume", f"{pip}:{CACHE}"]
        arguments += [f"--volume={wheels}:{WHEELS}:ro"] if wheels else []
        arguments += [f"--label={label}" for label in labels]
        for name, path in machine.secrets(self.secrets).items():
            arguments += ["--secret", f"id={name},src={path}"]
        say(f"building {tag} for {architecture.name}")
        return self(*arguments, ROOT).splitlines()[-1]

    def tidy(self) -> None:
        """Remove cached layers once there are many: each edit of a source file leaves some."""
        if len(self("images", "--quiet", "--filter", "dangling=true").split()) > _CACHED_AT_MOST:
            say("removing old layers")
            self("rmi", "--prune", "--force")

    def save(self, image: str, tag: str, archive: Path) -> None:
        """Save a docker-archive, which both `docker load` and containerd read."""
        archive.parent.mkdir(parents=True, exist_ok=True)
        fresh = archive.with_name(archive.name + ".new")
        fresh.unlink(missing_ok=True)
        self("push", "--quiet", image, f"docker-archive:{fresh}:{tag}")
        fresh.replace(archive)

    def unpacked(self, image: str, target: Path) -> None:
        """The image's root file system as a folder."""
        container = self("from", "--pull-never", image)
        try:
            shutil.copytree(self("mount", container), target, symlinks=True)
        finally:
            self("umount", container)
            self("rm", container)
