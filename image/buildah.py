"""Building where there is no Docker: buildah on bases of our own, in a storage of its own.

The storage lies in the cache, so nothing of the machine's own images is touched, and removing
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

_CACHED_AT_MOST = 40  # images without a name, of 140 MB where nothing is shared


@dataclass(frozen=True)
class Storage:
    """One buildah storage; `secrets` is a folder that only the owner reads."""

    cache: Path
    secrets: Path

    def __call__(self, *words: str | Path) -> str:
        place = ("--root", self.cache / "storage", "--runroot", self.cache / "running")
        environ = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
        return run("buildah", *place, "--storage-driver=overlay", *words, environ=environ)

    def base(self, base: Base) -> str:
        """The image ID of a base; a tag would not be found for a foreign architecture."""
        archive = bases.rootfs(base, self.cache)
        # Ends in the archive's time: one that was made anew is imported anew.
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
        """Builds the Dockerfile for one architecture; the image's ID."""
        self.tidy()
        running = self.base(Base(architecture, architecture.suite, builds=False))
        building = self.base(Base(native(), architecture.suite, builds=True))
        pip = self.cache / "pip"
        pip.mkdir(parents=True, exist_ok=True)
        words: list[str | Path] = ["build", "--quiet", "--timestamp=0", f"--tag={tag}"]
        words += ["--layers"] if cached else ["--layers", "--no-cache"]  # the same layers
        words += ["--platform", architecture.platform]
        words += ["--build-arg", f"BUILDPLATFORM={native().platform}"]
        words += ["--build-arg", f"BASE={running}", "--build-arg", f"BUILD_BASE={building}"]
        words += ["--build-arg", f"VERSION={version()}", "--volume", f"{pip}:{CACHE}"]
        words += [f"--volume={wheels}:{WHEELS}:ro"] if wheels else []
        words += [f"--label={label}" for label in labels]
        for name, path in machine.secrets(self.secrets).items():
            words += ["--secret", f"id={name},src={path}"]
        say(f"building {tag} for {architecture.name}")
        return self(*words, ROOT).splitlines()[-1]

    def tidy(self) -> None:
        """Cached layers go when there are many: each edit of a source file leaves some."""
        if len(self("images", "--quiet", "--filter", "dangling=true").split()) > _CACHED_AT_MOST:
            say("removing old layers")
            self("rmi", "--prune", "--force")

    def save(self, image: str, tag: str, archive: Path) -> None:
        """A docker-archive: what `docker load` and containerd both read."""
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
