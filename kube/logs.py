"""How both programs log: one line per record on standard error, as text or as JSON.

Messages are constant and everything that varies is in `extra`; both formats print those fields, so
that a line can be found by its message and filtered by its fields. Importing this module configures
nothing.

    2026-11-24T16:23:58.120Z INFO webhook.app: pod sized workload=shop/Deployment/web revision=3
    {"time":"…","level":"INFO","logger":"webhook.app","message":"pod sized","workload":"…"}
"""

import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

import msgspec

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")

_PLAIN = re.compile(r'[^\s"=]+')
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Log at `level` and above in one of FORMATS, replacing any earlier configuration."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)


class Text(logging.Formatter):
    """Human-readable; the fields follow the message as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """The record on one line, any traceback below it."""
        head = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}"
        fields = "".join(f" {key}={_word(value)}" for key, value in _extra(record).items())
        trace = _trace(self, record)
        return head + fields + ("\n" + trace if trace else "")


class Json(logging.Formatter):
    """Machine-readable; one object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one JSON object."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        if trace := _trace(self, record):
            line["exception"] = trace
        return msgspec.json.encode(line, enc_hook=str).decode()


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _OWN}


def _word(value: object) -> str:
    text = str(value)
    if _PLAIN.fullmatch(text) and text.isprintable():
        return text
    return msgspec.json.encode(text).decode()


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""
