"""The binaries that a cluster needs: supplied by the user, cached, or built now."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .compiling import compile_part
from .layout import cache_of
from .pins import PARTS, Part
from .say import say
from .toolchain import go_command

# The binaries in envtest's assets folder; used unchanged if that is configured.
_PREBUILT = ("etcd", "kube-apiserver", "kubectl")
_NEWS_EVERY = 10  # seconds


def binaries(environ: Mapping[str, str]) -> dict[str, Path]:
    """Name -> path of every binary of every part (and of a supplied etcd), built if missing."""
    given = _given(environ)
    if given:
        say(f"from KUBEBUILDER_ASSETS: {', '.join(sorted(given))}")
    found = dict(given)
    for part in PARTS:
        wanted = tuple(name for name in part.binaries if name not in given)
        folder = _built(part, wanted, cache_of(environ), environ)
        found |= {name: folder / name for name in wanted}
    return found


def commands_of(part: Part, environ: Mapping[str, str]) -> dict[str, Path]:
    """The binaries of one part, which may be one outside PARTS."""
    folder = _built(part, part.binaries, cache_of(environ), environ)
    return {name: folder / name for name in part.binaries}


def _given(environ: Mapping[str, str]) -> dict[str, Path]:
    folder = environ.get("KUBEBUILDER_ASSETS")
    if not folder:
        return {}
    paths = {name: Path(folder).absolute() / name for name in _PREBUILT}
    return {name: path for name, path in paths.items() if os.access(path, os.X_OK)}


def _built(part: Part, wanted: tuple[str, ...], cache: Path, environ: Mapping[str, str]) -> Path:
    folder = cache / "bin" / f"{part.name}-{part.key}"
    if not _missing(folder, wanted):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder.with_suffix(".lock"), f"another checkout builds {part.name}: waiting"):
        missing = _missing(
            folder, wanted
        )  # another process, for which we waited, may have built it
        if missing:
            _build(part, missing, folder, environ)
    return folder


def _missing(folder: Path, wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in wanted if not (folder / name).exists())


def _build(part: Part, names: tuple[str, ...], folder: Path, environ: Mapping[str, str]) -> None:
    for left in folder.glob(".building-*"):  # left by a killed build; we hold the lock
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder) as temporary:
        go = go_command(cache_of(environ))
        compile_part(go, part, names, Path(temporary), environ)
        for name in names:
            os.replace(Path(temporary) / name, folder / name)  # atomic


@contextmanager
def only_one(lock: Path, news: str) -> Iterator[None]:
    """Hold the lock; `news` is said while another process has it."""
    with lock.open("w") as file:
        reported = 0.0
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() - reported > _NEWS_EVERY:
                    reported = time.monotonic()
                    say(news)
                time.sleep(0.5)
        yield
