"""All architectures, each smoke-tested, in one archive for a registry: one multi-arch image."""

import shutil
import tempfile
from pathlib import Path

from . import debian, smoke, wheels
from .buildah import Storage
from .names import EVERY, Architecture, name, version
from .say import run, say


def build(storage: Storage) -> Path:
    """Build, smoke-test and archive them; print a line for each. The archive's path."""
    debian.ensure(debian.PROGRAMS | debian.EMULATION)
    labels = tuple(_labels())
    images = {}
    for architecture in EVERY:
        made = wheels.built(architecture, storage.cache)
        tag = f"{name()}-{architecture.word}"
        image = storage.build(architecture, tag, wheels=made, labels=labels)
        size, summary = _tried(storage, architecture, image)
        print(f"{architecture.name:8} {image[:12]} {size / 1e6:5.0f} MB  {summary}", flush=True)
        images[architecture.word] = image
    return _archive(storage, list(images.values()))


def _labels() -> list[str]:
    """The git revision, if this is a checkout: an image names the source it was built from."""
    if shutil.which("git") is None:
        return []
    revision = run("git", "-C", Path(__file__).parent, "rev-parse", "HEAD")
    return [f"org.opencontainers.image.revision={revision}"]


def _tried(storage: Storage, architecture: Architecture, image: str) -> tuple[int, str]:
    with tempfile.TemporaryDirectory(dir=storage.cache) as folder:
        root = Path(folder) / "root"
        storage.unpacked(image, root)
        say(f"testing {architecture.name}")
        return smoke.size_of(root), smoke.tried(root, architecture)


def _archive(storage: Storage, images: list[str]) -> Path:
    manifest = f"localhost/podtailor-every:{version()}"
    archive = storage.cache / "podtailor-every.oci.tar"
    archive.unlink(missing_ok=True)
    if storage("images", "--quiet", "--filter", f"reference={manifest}"):
        storage("manifest", "rm", manifest)
    storage("manifest", "create", manifest)
    for image in images:
        storage("manifest", "add", manifest, f"containers-storage:{image}")
    storage("manifest", "push", "--all", "--quiet", manifest, f"oci-archive:{archive}")
    say(f"all of them are in {archive} ({archive.stat().st_size / 1e6:.0f} MB)")
    return archive
