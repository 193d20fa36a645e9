"""`python3 -m image`: build for this machine, save the archive, load it into the cluster.

`--all` builds all three architectures and smoke-tests each; `--architecture` builds one of them,
which nodes of that architecture then have; `--no-cache` rebuilds every layer.
"""

import argparse
import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import debian, docker, every, wheels
from .buildah import Storage
from .names import EVERY, ROOT, Architecture, cache, name, native
from .say import ImageError, say


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m image", description=__doc__)
    words = {one.word: one for one in EVERY}
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--architecture", choices=words, help="instead of this machine's")
    parser.add_argument("--no-cache", action="store_true")
    parser.add_argument("--no-load", action="store_true", help="do not load it into the cluster")
    chosen = parser.parse_args(arguments)
    folder = cache(os.environ)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (folder / "lock").open("w") as lock, tempfile.TemporaryDirectory() as secrets:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two checkouts may share one storage
            if chosen.all:
                every.build(Storage(folder, Path(secrets)))
            else:
                architecture = words.get(chosen.architecture) or native()
                archive = build(architecture, folder, Path(secrets), cached=not chosen.no_cache)
                if not chosen.no_load:
                    load(archive)
    except (ImageError, ValueError) as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


def build(architecture: Architecture, folder: Path, secrets: Path, *, cached: bool) -> Path:
    """The path of the archive; prints the image's ID.

    For another architecture never by Docker, where it would take the tag of this machine's image.
    """
    tag, archive = name(), folder / f"podtailor-{architecture.word}.tar"
    if architecture == native() and docker.is_there():
        image = docker.build(tag, secrets, cached=cached)
        docker.save(tag, archive)
    else:
        debian.ensure(debian.PROGRAMS)
        storage = Storage(folder, secrets)
        made = wheels.built(architecture, folder)
        own = tag if architecture == native() else f"{tag}-{architecture.word}"
        image = storage.build(architecture, own, cached=cached, wheels=made)
        storage.save(image, tag, archive)
    say(f"{tag} is in {archive} ({archive.stat().st_size / 1e6:.0f} MB)")
    print(image.removeprefix("sha256:"))
    return archive


def load(archive: Path) -> None:
    """Load the archive into this checkout's embedded cluster, if it is up."""
    probe = str(ROOT / "tests/cluster/run")
    if subprocess.run([probe, "true"], capture_output=True).returncode != 0:
        say("the embedded cluster of this checkout is not up: image not loaded")
        return
    subprocess.run([ROOT / "tests/cluster/load-image", archive], check=True)
    say("loaded into the cluster")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
