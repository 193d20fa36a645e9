"""Where minutes and changes are kept, and read from."""

from dataclasses import dataclass
from pathlib import Path

from kube import quantity
from kube.environment import directory, setting, url

_SMALLEST = 16 * 1024**2


def _file_size(text: str) -> int:
    """A quantity of bytes in which a history has room."""
    value = quantity.memory(text)
    if value < _SMALLEST:
        raise ValueError(f"less than {quantity.format_memory(_SMALLEST)}")
    return value


@dataclass(frozen=True)
class HistorySettings:
    """Names equal the chart's value paths."""

    history_path: Path | None = setting(
        None, "SCALER_HISTORY_PATH", "directory of the history; empty: none is kept", directory
    )
    history_size: int = setting(
        512 * 1024**2,
        "SCALER_HISTORY_SIZE",
        "bytes for the history; its file takes two fifths",
        _file_size,
    )
    history_url: str | None = setting(
        None,
        "SCALER_HISTORY_URL",
        "address of a Prometheus-compatible server that is read for what the history lacks",
        url,
    )
