"""What drives a browser: Debian's Chromium and, from the npm registry, axe-core.

`python -m tests.page.tools` installs both beforehand, as `make tools` does: inside the cluster's
network nothing can be fetched. A test that finds them missing tries once more, and is skipped with
the reason where that cannot be.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.cluster.layout import cache_of

AXE = "4.14.1"
AXE_DIGEST = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
"""SHA-256 of the package as the registry has it."""


class ToolError(Exception):
    """Why a tool cannot be had here, in one line."""


def chromium() -> str:
    """The path of the system's Chromium. Raises ToolError."""
    if found := _chromium():
        return found
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise ToolError("no chromium on this machine, and only root on Debian installs one")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *_PACKAGES]):
        _run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *command], environment)
    if found := _chromium():
        return found
    raise ToolError("still no chromium after its installation")


_PACKAGES = ("chromium", "fonts-dejavu-core")


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


def axe() -> Path:
    """axe-core's script, verified and cached. Raises ToolError."""
    folder = cache_of(os.environ) / "npm" / f"axe-core-{AXE}"
    script = folder / "axe.min.js"
    if script.exists():
        return script
    if shutil.which("npm") is None:
        raise ToolError("no npm on this machine to fetch axe-core with")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        _run(["npm", "pack", "--silent", f"axe-core@{AXE}"], None, temporary)
        package = Path(temporary) / f"axe-core-{AXE}.tgz"
        if hashlib.sha256(package.read_bytes()).hexdigest() != AXE_DIGEST:
            raise ToolError(f"axe-core {AXE} is not the package that was pinned")
        with tarfile.open(package) as archive:
            member = archive.extractfile("package/axe.min.js")
            assert member is not None
            whole = Path(temporary) / "axe.min.js"
            whole.write_bytes(member.read())
            whole.rename(script)
    return script


def _run(command: list[str], environment: dict[str, str] | None, folder: str = "/") -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise ToolError(f"{' '.join(command[:3])} failed: {last}")


if __name__ == "__main__":
    try:
        chromium()
        axe()
    except ToolError as e:
        sys.exit(f"tests.page.tools: {e}")
