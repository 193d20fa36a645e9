"""The disk with the cluster's own kubelet and kube-proxy and its images, for one root disk."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .. import build, images
from ..architecture import NATIVE
from ..layout import cache_of
from ..pins import PARTS, node_part
from ..say import say
from . import kept_moment
from .commands import run

PROGRAMS = ("kubelet", "kube-proxy")
_GUEST = Path(__file__).parent / "guest" / "tools"


def built(root_disk: Path, architecture: str, environ: Mapping[str, str]) -> Path:
    """The folder with `tools.img`, built if missing; the kept moment is stored beside it.

    Only one of them is kept: it belongs to programs and images, which change.
    """
    binaries = _binaries(architecture, environ)
    archives = images.archives(cache_of(environ), architecture)
    folder = root_disk / f"tools-{_recipe(archives)}"
    if (folder / "tools.img").exists():
        return folder
    for old in root_disk.glob("tools-*"):
        shutil.rmtree(old)
    say("making the virtual machine's disk of programs and images (once; then cached)")
    folder.mkdir()
    with tempfile.TemporaryDirectory() as temporary:
        content = Path(temporary)
        shutil.copytree(_GUEST, content, dirs_exist_ok=True)
        (content / "bin").mkdir()
        (content / "images").mkdir()
        for name in PROGRAMS:
            shutil.copy(binaries[name], content / "bin" / name)
        for archive in archives:
            shutil.copy(archive, content / "images")
        unfinished = folder / "tools.img.new"
        run("mkfs.ext4", "-q", "-L", "tools", "-d", temporary, str(unfinished), "512M")
        unfinished.rename(folder / "tools.img")
    return folder


def _binaries(architecture: str, environ: Mapping[str, str]) -> dict[str, Path]:
    """The cluster's own, or the same built for another architecture."""
    if architecture == NATIVE:
        return build.binaries(environ)
    return build.commands_of(node_part(architecture), environ)


def _recipe(archives: list[Path]) -> str:
    digest = hashlib.sha256(Path(kept_moment.__file__).read_bytes())
    for part in PARTS:
        digest.update(part.key.encode())
    for source in (*sorted(_GUEST.iterdir()), *archives):
        digest.update(str(source).encode() if source.suffix == ".tar" else source.read_bytes())
    return digest.hexdigest()[:16]
