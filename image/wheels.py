"""Builds the wheels that the index lacks for an architecture, from the locked sources.

They are cross-compiled, not emulated: seconds instead of minutes. This needs a Python of the
target suite's version on this machine, and Debian's cross compiler; the target's headers are
unpacked, not installed.
"""

import os
import re
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

from . import debian, install
from .names import ROOT, Architecture
from .say import ImageError, run, say

_VERSION = "3.11"  # bookworm's: the suite of the one architecture that needs this
_TRIPLET = "arm-linux-gnueabihf"
_HEADERS = (f"libpython{_VERSION}-dev", "libffi-dev")
_TOOLS = Path(__file__).with_name("wheels.txt")


def built(architecture: Architecture, cache: Path) -> Path | None:
    """A folder of wheels; None if the index has them all."""
    if not architecture.wheels:
        return None
    locked = [_locked(name) for name in architecture.wheels]
    recipe = Path(__file__).read_bytes() + _TOOLS.read_bytes() + "".join(locked).encode()
    folder = cache / "wheels" / f"{architecture.word}-{sha256(recipe).hexdigest()[:12]}"
    if folder.exists():
        return folder
    debian.ensure(debian.PROGRAMS | debian.CROSS)
    python = _python()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        headers = _headers(architecture, Path(temporary))
        run(python, "-m", "venv", f"{temporary}/tools")
        python = f"{temporary}/tools/bin/python"
        run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", _TOOLS)
        out = Path(temporary) / "wheels"
        for name, requirement in zip(architecture.wheels, locked, strict=True):
            say(f"building {name} for {architecture.name}")
            file = Path(temporary) / "requirement.txt"
            file.write_text(requirement)
            _build(python, file, headers, out)
        out.rename(folder)
    return folder


def _locked(name: str) -> str:
    """The part of the lock file about one distribution, with its hashes."""
    text = (ROOT / "requirements.txt").read_text()
    rest = install.without(text, name)
    lines = set(rest.splitlines())
    return "\n".join(line for line in text.splitlines() if line not in lines) + "\n"


def _python() -> str:
    for found in (f"python{_VERSION}", "/usr/bin/python3", "python3"):
        path = shutil.which(found)
        if (
            path
            and run(path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])") == _VERSION
        ):
            return path
    raise ImageError(f"wheels for arm/v7 are built with Python {_VERSION}, and there is none here")


def _headers(architecture: Architecture, folder: Path) -> Path:
    root = folder / "headers"
    listed = folder / "headers.list"
    listed.write_text("\n".join(debian.sources(architecture.suite, security=False)) + "\n")
    arguments = ["--variant=extract", "--mode=root", f"--architectures={architecture.debian}"]
    arguments += [f"--include={','.join(_HEADERS)}"]
    run("mmdebstrap", *arguments, architecture.suite, root, listed)
    return root


def _build(python: str, requirement: Path, headers: Path, out: Path) -> None:
    paths = f"--sysroot={headers} -I{headers}/usr/include/python{_VERSION}"
    data = next((headers / f"usr/lib/python{_VERSION}").glob("_sysconfigdata_*.py"))
    folder = requirement.parent
    shutil.copy(data, folder)
    environ = {
        **os.environ,
        "CC": f"{_TRIPLET}-gcc",
        "LDSHARED": f"{_TRIPLET}-gcc -shared --sysroot={headers}",
        "CFLAGS": f"-O2 {paths} -ffile-prefix-map={folder}=/build -Wl,--build-id=none",
        "PYTHONPATH": str(folder),
        "_PYTHON_HOST_PLATFORM": "linux-armv7l",
        "_PYTHON_SYSCONFIGDATA_NAME": data.stem,
        "PYYAML_FORCE_LIBYAML": "0",
        "SOURCE_DATE_EPOCH": "315532800",  # the earliest time that a zip file can store
    }
    arguments = [python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-binary=:all:"]
    arguments += ["--no-build-isolation"]  # isolation would hide the target's sysconfig
    arguments += ["--require-hashes", "--disable-pip-version-check", "--no-cache-dir"]
    arguments += ["--requirement", str(requirement), "--wheel-dir", str(out)]
    done = subprocess.run(arguments, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise ImageError(f"`{' '.join(arguments)}` failed:\n{(done.stdout + done.stderr)[-3000:]}")
    made = [path.name for path in out.glob("*.whl")]
    if wrong := [name for name in made if not re.search(r"(armv7l|any)\.whl$", name)]:
        raise ImageError(f"not built for the target: {wrong}")
