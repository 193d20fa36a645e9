"""Settings from the environment; the command itself where it does not serve."""

from pathlib import Path

import pytest

from kube.environment import SettingsError
from webhook.__main__ import main
from webhook.settings import TABLE, Settings, from_env


def test_settings_that_are_not_set_have_their_defaults() -> None:
    assert from_env({"PATH": "/bin", "PODTAILOR_WEBHOOK_PORT": ""}) == Settings()


def test_every_setting_is_read() -> None:
    settings = from_env(
        {
            "PODTAILOR_NAMESPACE": "tailor",
            "PODTAILOR_WEBHOOK_BIND": "::1",
            "PODTAILOR_WEBHOOK_PORT": "8443",
            "PODTAILOR_WEBHOOK_CERT_DIR": "/certs",
            "PODTAILOR_WEBHOOK_THREADS": "8",
            "PODTAILOR_WEBHOOK_TMP_DIR": "/tmp",
            "PODTAILOR_LOG_FORMAT": "json",
            "PODTAILOR_LOG_LEVEL": "debug",
            "PODTAILOR_POLICY_PERNODE": "false",
        }
    )
    assert settings == Settings(
        "tailor", "::1", 8443, Path("/certs"), 8, Path("/tmp"), "json", "debug", per_node=False
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WEBHOOK_PORT", "0"),
        ("WEBHOOK_PORT", "65536"),
        ("WEBHOOK_PORT", "tcp://10.0.0.1:443"),
        ("WEBHOOK_PORT", "٣"),
        ("WEBHOOK_THREADS", "-1"),
        ("WEBHOOK_THREADS", "9" * 30),
        ("WEBHOOK_BIND", "localhost"),
        ("WEBHOOK_CERT_DIR", "tls"),
        ("NAMESPACE", "a/b"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "INFO"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^PODTAILOR_{name}: not "):
        from_env({"PODTAILOR_" + name: text})


def test_all_errors_are_printed_together_and_the_status_is_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = {"PODTAILOR_WEBHOOK_PORT": "x", "PODTAILOR_LOG_LEVEL": "y"}
    assert main([], bad) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("PODTAILOR_WEBHOOK_PORT: ")


@pytest.mark.parametrize(("argument", "status"), [("--help", 0), ("-h", 0), ("serve", 2)])
def test_help_prints_every_setting(
    argument: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument], {}) == status
    output = capsys.readouterr().out
    assert all(f"PODTAILOR_{name} " in output for name in (s.name for s in TABLE.values()))
