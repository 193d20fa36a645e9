"""Settings from the environment: one prefix, validated once, all errors reported together.

Each program declares its settings as the fields of a frozen dataclass, each with its default, its
variable, its meaning and its reader in one place. Nothing else reads the environment, except the
client when it looks for its cluster.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

PREFIX = "PODTAILOR_"

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")

Reader = Callable[[str], object]
T = TypeVar("T")

_SETTING = "setting"


class SettingsError(ValueError):
    """Settings that cannot be used; one line for each."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable (without the prefix), its meaning, and how its text is parsed."""

    name: str
    meaning: str
    reader: Reader


def setting(default: T, name: str, meaning: str, reader: Callable[[str], T]) -> T:
    """A field of a dataclass of settings; as with `dataclasses.field`, of the default's type."""
    made: Any = field(default=default, metadata={_SETTING: Setting(name, meaning, reader)})
    value: T = made
    return value


def declared(settings: Any) -> dict[str, Setting]:
    """The settings of a dataclass, by field name."""
    return {f.name: f.metadata[_SETTING] for f in fields(settings)}


def read(environ: Mapping[str, str], table: Mapping[str, Setting]) -> dict[str, object]:
    """The values that are set, by field name. Raises SettingsError with every error."""
    errors: list[str] = []
    values: dict[str, object] = {}
    for name, one in table.items():
        text = environ.get(PREFIX + one.name, "")
        if not text:
            continue
        try:
            values[name] = one.reader(text)
        except ValueError as e:
            errors.append(f"{PREFIX}{one.name}: {e}: {text!r}")
    if errors:
        raise SettingsError(errors)
    return values


def describe(table: Mapping[str, Setting], defaults: object) -> str:
    """All settings with their defaults, for `--help`."""
    return "\n".join(
        f"  {PREFIX + s.name:<40} {s.meaning} ({getattr(defaults, name)})"
        for name, s in table.items()
    )


def number(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def reader(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:12]) <= high):
            raise ValueError(f"not a whole number from {low} to {high}")
        return int(text)

    return reader


def one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """One of some words."""

    def reader(text: str) -> str:
        if text not in choices:
            raise ValueError("not one of " + ", ".join(choices))
        return text

    return reader


def flag(text: str) -> bool:
    """`true` or `false`."""
    return one_of(("true", "false"))(text) == "true"


def address(text: str) -> str:
    """An IP address."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("not an IP address") from None


def directory(text: str) -> Path:
    """An absolute path."""
    if not Path(text).is_absolute():
        raise ValueError("not an absolute path")
    return Path(text)


def url(text: str) -> str:
    """The address of a server, before any path of its API: http or https, and a host."""
    found = urlsplit(text)
    if found.scheme not in ("http", "https") or not found.hostname:
        raise ValueError("not an address such as http://prometheus.monitoring:9090")
    if found.username or found.password or found.query or found.fragment:
        raise ValueError("has a user, a query or a fragment")
    if not 0 <= (found.port or 0) <= 65535 or any(c.isspace() for c in text):
        raise ValueError("not an address")
    return text.rstrip("/")


def object_name(text: str) -> str:
    """A name that a Kubernetes object may have."""
    if not _NAME.fullmatch(text):
        raise ValueError("not a name")
    if len(text) > 253:
        raise ValueError("longer than 253 characters")
    return text
