"""The agent's settings; names equal the chart's value paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.sysfs import CPUS
from kube.environment import (
    PREFIX,
    SettingsError,
    address,
    declared,
    describe,
    directory,
    number,
    object_name,
    one_of,
    read,
    setting,
)
from kube.logs import FORMATS, LEVELS


def _address(text: str) -> str:
    """An address; what the kubelet could not replace, as there was no such Service, is none."""
    return "" if text.startswith("$(") else object_name(text) if ":" not in text else address(text)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    node: str = setting("", "AGENT_NODE", "name of the node that it runs on", object_name)
    scaler: str = setting(
        "", "AGENT_SCALER", "host name of the scaler, which its certificate must have", object_name
    )
    address: str = setting(
        "",
        "AGENT_ADDRESS",
        "address of the scaler, tried in turn with that name, which needs a DNS; empty: none",
        _address,
    )
    port: int = setting(8443, "AGENT_PORT", "port of the scaler for agents", number(1, 65535))
    cgroup: Path = setting(
        Path("/sys/fs/cgroup"),
        "AGENT_CGROUP",
        "where the node's /sys/fs/cgroup is mounted",
        directory,
    )
    cpus: Path = setting(
        CPUS,
        "AGENT_CPUS",
        "where the node's /sys/devices/system/cpu is mounted, for its clocks and heat",
        directory,
    )
    cert_dir: Path = setting(
        Path("/tls"),
        "AGENT_CERT_DIR",
        "directory with tls.crt, tls.key and ca.crt; read again for each connection",
        directory,
    )
    samples: int = setting(
        5,
        "AGENT_SAMPLES",
        "samples of 100 ms in a row at its limit, after which a container is reported",
        number(2, 100),
    )
    log_format: str = setting("text", "LOG_FORMAT", " or ".join(FORMATS), one_of(FORMATS))
    log_level: str = setting("info", "LOG_LEVEL", ", ".join(LEVELS), one_of(LEVELS))


TABLE = declared(Settings)
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
