"""What a build inside a container lacks of this machine: its package mirror and its CAs.

They are passed as secrets: only the step that installs sees them, and they never become part of an
image or of this repository.
"""

import os
import subprocess
import sys
from pathlib import Path

_AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_MATTER = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries")


def secrets(folder: Path) -> dict[str, Path]:
    """Name of the secret -> file, in `folder`."""
    found = {}
    authority = next((Path(one) for one in _AUTHORITIES if Path(one).exists()), None)
    if authority:
        found["ca"] = authority
    if lines := _pip():
        found["pip"] = folder / "pip"
        found["pip"].write_text("[global]\n" + "".join(f"{line}\n" for line in lines))
    return found


def _pip() -> list[str]:
    """Those settings of this machine's pip that also apply in a container, so no paths."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True).stdout
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        name = name.rpartition(".")[2]
        if name in _MATTER:
            settings[name] = value.strip("'\"").replace("\\n", "\n    ")
    # pip lists settings from the environment as well, and last: they win.
    proxy = os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy")
    if proxy:
        settings.setdefault("proxy", proxy)
    return [f"{name} = {value}" for name, value in settings.items()]
