"""The webhook's settings; names equal the chart's value paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kube.environment import (
    address,
    declared,
    describe,
    directory,
    flag,
    number,
    object_name,
    one_of,
    read,
    setting,
)
from kube.logs import FORMATS, LEVELS


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set."""

    namespace: str = setting(
        "podtailor-system",
        "NAMESPACE",
        "the release's namespace, where the scaler's probes are answered",
        object_name,
    )
    bind: str = setting("0.0.0.0", "WEBHOOK_BIND", "address to listen on", address)
    port: int = setting(10250, "WEBHOOK_PORT", "port to listen on", number(1, 65535))
    cert_dir: Path = setting(
        Path("/tls"),
        "WEBHOOK_CERT_DIR",
        "directory with tls.crt and tls.key; the program waits for them at start",
        directory,
    )
    threads: int = setting(
        16, "WEBHOOK_THREADS", "reviews processed at the same time", number(1, 256)
    )
    tmp_dir: Path = setting(
        Path("/dev/shm"),
        "WEBHOOK_TMP_DIR",
        "directory for the worker's heartbeat file; preferably in memory",
        directory,
    )
    log_format: str = setting("text", "LOG_FORMAT", " or ".join(FORMATS), one_of(FORMATS))
    log_level: str = setting("info", "LOG_LEVEL", ", ".join(LEVELS), one_of(LEVELS))
    per_node: bool = setting(
        True, "POLICY_PERNODE", "follow nodes where a workload has sizes by kind of node", flag
    )


TABLE = declared(Settings)


def from_env(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises SettingsError that lists every error."""
    return Settings(**read(environ, TABLE))  # type: ignore[arg-type]  # the table's readers return these types


def help_text() -> str:
    """All settings with their defaults, for `--help`."""
    return describe(TABLE, Settings())
