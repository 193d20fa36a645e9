"""Files of Debian packages for another architecture: nothing of them can be run or asked here."""

import os
import tempfile
from pathlib import Path

from .architecture import NATIVE
from .say import ClusterError, Unavailable, say
from .vm.commands import run

RELEASE = "bookworm"
"""Debian's, of all that is unpacked for machines of their own."""
_HOOKS = "/usr/share/mmdebstrap/hooks/merged-usr"


def extract(architecture: str, packages: tuple[str, ...], root: Path) -> None:
    """Unpack packages, and all that they depend on, into `root`; none of their scripts runs.

    Raises Unavailable where the machine's mirrors have none for that architecture.
    """
    archive = root.with_suffix(".tar")
    included = f"--include={','.join(packages)}"
    how = ("--variant=extract", f"--architectures={architecture}", f"--hook-dir={_HOOKS}")
    try:
        run("mmdebstrap", "--quiet", *how, included, RELEASE, str(archive))
    except ClusterError as error:
        if architecture == NATIVE:
            raise  # what this machine is made of cannot be missing
        raise Unavailable(f"no packages for {architecture}: {error}") from error
    root.mkdir()
    run("tar", "-xf", str(archive), "-C", str(root))
    archive.unlink()


def unpacked(cache: Path, package: str, architecture: str) -> Path:
    """The package's files, and those that it depends on, in a folder of the cache."""
    folder = cache / "debian" / f"{package}-{architecture}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        say(f"fetching the files of {package} for {architecture}")
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            os.chmod(temporary, 0o755)  # apt downloads as its own user
            extract(architecture, (package,), Path(temporary) / "root")
            if not folder.exists():  # another checkout may have been faster
                (Path(temporary) / "root").rename(folder)
    return folder


def libraries(root: Path, names: tuple[str, ...]) -> dict[str, Path]:
    """Shared libraries and the loader of an unpacked root, under the names it expects."""
    found: dict[str, Path] = {}
    folders = sorted(root.glob("usr/lib/*-linux-gnu"))
    wanted = [folder / name for folder in folders for name in names]
    for path in (*wanted, *root.glob("usr/lib/ld-linux-*.so.*")):
        if not os.path.lexists(path):
            raise ClusterError(f"{path.name} is in none of the packages below {root}")
        found[str(path.relative_to(root)).removeprefix("usr/")] = _target(root, path)
    return found


def _target(root: Path, path: Path) -> Path:
    """What a link points to inside the root, whatever is at that place here."""
    while path.is_symlink():
        target = path.readlink()
        path = root / target.relative_to("/") if target.is_absolute() else path.parent / target
    return path
