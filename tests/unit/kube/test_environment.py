"""Settings from the environment: every reader's table, and all errors together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kube import environment
from kube.environment import Setting, SettingsError, describe, read

ACCEPTED = [
    (environment.number(1, 99), "1", 1),
    (environment.number(1, 99), "99", 99),
    (environment.number(0, 9), "007", 7),
    (environment.one_of(("a", "b")), "b", "b"),
    (environment.flag, "true", True),
    (environment.flag, "false", False),
    (environment.address, "0.0.0.0", "0.0.0.0"),
    (environment.address, "::1", "::1"),
    (environment.directory, "/run", Path("/run")),
    (environment.object_name, "podtailor-system", "podtailor-system"),
    (environment.object_name, "a.b-c.9", "a.b-c.9"),
    (environment.object_name, "x" * 253, "x" * 253),
    (environment.url, "http://prometheus:9090/", "http://prometheus:9090"),
    (environment.url, "https://thanos.example/query", "https://thanos.example/query"),
    (environment.url, "http://[::1]:9090", "http://[::1]:9090"),
]
REFUSED = [
    (environment.number(1, 99), "0", "not a whole number from 1 to 99"),
    (environment.number(1, 99), "100", "not a whole number"),
    (environment.number(1, 99), "-1", "not a whole number"),
    (environment.number(1, 99), "1.5", "not a whole number"),
    (environment.number(1, 99), "9" * 5000, "not a whole number"),
    (environment.number(1, 99), "\u0663", "not a whole number"),
    (environment.number(1, 99), "x", "not a whole number"),
    (environment.one_of(("a", "b")), "A", "not one of a, b"),
    (environment.flag, "yes", "not one of true, false"),
    (environment.flag, "True", "not one of"),
    (environment.address, "localhost", "not an IP address"),
    (environment.directory, "run", "not an absolute path"),
    (environment.object_name, "Upper", "not a name"),
    (environment.object_name, "-a", "not a name"),
    (environment.object_name, "a..b", "not a name"),
    (environment.object_name, "a/b", "not a name"),
    (environment.object_name, "\u00e4", "not a name"),
    (environment.object_name, "x" * 254, "longer than 253"),
    (environment.url, "prometheus:9090", "not an address"),
    (environment.url, "ftp://prometheus", "not an address"),
    (environment.url, "http://", "not an address"),
    (environment.url, "http://me:secret@prometheus", "has a user"),
    (environment.url, "http://prometheus/?a=b", "has a user, a query"),
    (environment.url, "http://prometheus:http", "Port"),
    (environment.url, "http://pro metheus/a b", "not an address"),
]


@pytest.mark.parametrize(("reader", "text", "value"), ACCEPTED)
def test_a_good_text_is_read(reader: Callable[[str], Any], text: str, value: Any) -> None:
    assert reader(text) == value


@pytest.mark.parametrize(("reader", "text", "message"), REFUSED)
def test_a_bad_text_is_refused(reader: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reader(text)


@dataclass(frozen=True)
class Defaults:
    port: int = 80
    name: str = "web"


TABLE = {
    "port": Setting("PORT", "the port", environment.number(1, 99)),
    "name": Setting("NAME", "the name", environment.object_name),
}


def test_only_variables_that_are_set_are_read() -> None:
    given = {"PODTAILOR_PORT": "8", "PORT": "9", "PODTAILOR_NAME": ""}
    assert read(given, TABLE) == {"port": 8}


def test_every_error_is_reported_with_its_variable_and_text() -> None:
    with pytest.raises(SettingsError) as caught:
        read({"PODTAILOR_PORT": "0", "PODTAILOR_NAME": "A"}, TABLE)
    assert caught.value.errors == [
        "PODTAILOR_PORT: not a whole number from 1 to 99: '0'",
        "PODTAILOR_NAME: not a name: 'A'",
    ]
    assert str(caught.value).count("\n") == 1


def test_help_tells_names_meanings_and_defaults() -> None:
    lines = describe(TABLE, Defaults()).splitlines()
    assert lines[0].split() == ["PODTAILOR_PORT", "the", "port", "(80)"]
    assert len(lines) == 2
