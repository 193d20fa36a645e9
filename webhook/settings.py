"""The webhook's settings; names equal the chart's value paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kube.environment import (
    Setting,
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

    namespace: str = "podtailor-system"
    bind: str = "0.0.0.0"
    port: int = 10250
    cert_dir: Path = Path("/tls")
    threads: int = 16
    tmp_dir: Path = Path("/dev/shm")
    log_format: str = "text"
    log_level: str = "info"


TABLE: Mapping[str, Setting] = {
    "namespace": Setting(
        "NAMESPACE", "the release's namespace, where the scaler's probes are answered", object_name
    ),
    "bind": Setting("WEBHOOK_BIND", "address to listen on", address),
    "port": Setting("WEBHOOK_PORT", "port to listen on", number(1, 65535)),
    "cert_dir": Setting(
        "WEBHOOK_CERT_DIR",
        "directory with tls.crt and tls.key; the program waits for them at start",
        directory,
    ),
    "threads": Setting("WEBHOOK_THREADS", "reviews processed at the same time", number(1, 256)),
    "tmp_dir": Setting(
        "WEBHOOK_TMP_DIR",
        "directory for the worker's heartbeat file; preferably in memory",
        directory,
    ),
    "log_format": Setting("LOG_FORMAT", " or ".join(FORMATS), one_of(FORMATS)),
    "log_level": Setting("LOG_LEVEL", ", ".join(LEVELS), one_of(LEVELS)),
}


def from_env(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises SettingsError that lists every error."""
    return Settings(**read(environ, TABLE))  # type: ignore[arg-type]  # the table's readers return these types


def help_text() -> str:
    """All settings with their defaults, for `--help`."""
    return describe(TABLE, Settings())
