"""The agent's settings: what must be set, and what must not be."""

import pytest

from agent.settings import from_env, help_text
from kube.environment import SettingsError

NEEDED = {"PODTAILOR_AGENT_NODE": "pi", "PODTAILOR_AGENT_SCALER": "podtailor-agents.x.svc"}


def test_the_node_and_the_scaler_must_be_named() -> None:
    with pytest.raises(SettingsError) as caught:
        from_env({})
    assert caught.value.errors == [f"{name}: not set" for name in NEEDED]


def test_defaults() -> None:
    found = from_env(NEEDED)
    assert (found.node, found.port, found.samples) == ("pi", 8443, 5)
    assert "PODTAILOR_AGENT_SAMPLES" in help_text()


@pytest.mark.parametrize("samples", ["1", "101", "x", "-5"])
def test_a_single_sample_is_no_rule(samples: str) -> None:
    with pytest.raises(SettingsError, match="AGENT_SAMPLES"):
        from_env({**NEEDED, "PODTAILOR_AGENT_SAMPLES": samples})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        ("10.96.0.7", "10.96.0.7"),
        ("fd00::7", "fd00::7"),
        ("scaler.example", "scaler.example"),
        ("$(PODTAILOR_SCALER_SERVICE_HOST)", ""),
    ],
)
def test_an_address_that_the_kubelet_does_not_know_is_none(text: str, address: str) -> None:
    assert from_env({**NEEDED, "PODTAILOR_AGENT_ADDRESS": text}).address == address


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="AGENT_ADDRESS"):
        from_env({**NEEDED, "PODTAILOR_AGENT_ADDRESS": "tcp://10.0.0.1:80"})
