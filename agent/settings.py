"""The agent's settings; names equal the chart's value paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kube.environment import (
    PREFIX,
    Setting,
    SettingsError,
    address,
    describe,
    directory,
    number,
    object_name,
    one_of,
    read,
)
from kube.logs import FORMATS, LEVELS


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; `TABLE` explains each."""

    node: str = ""
    scaler: str = ""
    address: str = ""
    port: int = 8443
    cgroup: Path = Path("/sys/fs/cgroup")
    cert_dir: Path = Path("/tls")
    samples: int = 5
    log_format: str = "text"
    log_level: str = "info"


def _address(text: str) -> str:
    """An address; what the kubelet could not replace, as there was no such Service, is none."""
    return "" if text.startswith("$(") else object_name(text) if ":" not in text else address(text)


TABLE: Mapping[str, Setting] = {
    "node": Setting("AGENT_NODE", "name of the node that it runs on", object_name),
    "scaler": Setting(
        "AGENT_SCALER", "host name of the scaler, which its certificate must have", object_name
    ),
    "address": Setting(
        "AGENT_ADDRESS",
        "address of the scaler, tried in turn with that name, which needs a DNS; empty: none",
        _address,
    ),
    "port": Setting("AGENT_PORT", "port of the scaler for agents", number(1, 65535)),
    "cgroup": Setting("AGENT_CGROUP", "where the node's /sys/fs/cgroup is mounted", directory),
    "cert_dir": Setting(
        "AGENT_CERT_DIR",
        "directory with tls.crt, tls.key and ca.crt; read again for each connection",
        directory,
    ),
    "samples": Setting(
        "AGENT_SAMPLES",
        "samples of 100 ms in a row at its limit, after which a container is reported",
        number(2, 100),
    ),
    "log_format": Setting("LOG_FORMAT", " or ".join(FORMATS), one_of(FORMATS)),
    "log_level": Setting("LOG_LEVEL", ", ".join(LEVELS), one_of(LEVELS)),
}
_NEEDED = ("node", "scaler")


def from_env(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises SettingsError that lists every error."""
    found = read(environ, TABLE)
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise SettingsError([f"{PREFIX}{TABLE[name].name}: not set" for name in missing])
    return Settings(**found)  # type: ignore[arg-type]  # the table's readers return these types


def help_text() -> str:
    """All settings with their defaults, for `--help`."""
    return describe(TABLE, Settings())
