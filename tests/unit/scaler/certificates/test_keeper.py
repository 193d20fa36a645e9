"""What the scaler knows of the webhook's configuration between two reads of it."""

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from scaler.certificates import reachability
from scaler.certificates.keeper import Keeper
from scaler.certificates.trust import TrustState
from scaler.certificates.webhook_configuration import Configuration
from scaler.model import Write
from store.reasons import Reason
from tests.unit.scaler.builders import view
from tests.unit.scaler.cycles import context, planned

CREATES = {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}


def keeper(**entry: Any) -> Keeper:
    """One that has read a configuration with that entry for pods."""
    body = {"name": "pods.podtailor.io", "rules": [CREATES], **entry}
    found = msgspec.convert({"metadata": {"name": "c"}, "webhooks": [body]}, Configuration)
    state = TrustState(True, found=found)
    return Keeper(SimpleNamespace(), lambda: True, state=state)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ({}, None),
        ({"namespaceSelector": {"matchLabels": {"a": "b"}}}, None),
        ({"namespaceSelector": {"matchLabels": {"a": "c"}}}, "namespaceSelector"),
        ({"objectSelector": {"matchLabels": {"app": "web"}}}, None),
        ({"objectSelector": {"matchLabels": {"app": "db"}}}, "objectSelector"),
    ],
)
def test_selectors_of_the_webhook_are_matched_against_namespace_and_template(
    entry: dict[str, Any], part: str | None
) -> None:
    got = keeper(**entry).excluded("shop", {"a": "b"}, {"app": "web"})
    assert got is None if part is None else part in (got or "")


def test_before_the_webhook_configuration_is_read_nothing_is_known_of_it() -> None:
    made = keeper()
    made.state = None
    assert made.excluded("shop", {}, {}) is None
    assert made.diagnosis() is None
    made.state = TrustState(True)
    assert made.excluded("shop", {}, {}) is None


def test_the_way_to_the_webhook_is_tried_once_in_a_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[object] = []

    def problem(client: object) -> str:
        tried.append(client)
        return "refused"

    monkeypatch.setattr(reachability, "problem", problem)
    made = keeper(clientConfig={"url": "https://127.0.0.1:1/"})
    assert [made.diagnosis() for _ in range(50)] == ["refused"] * 50
    assert len(tried) == 1
    made.tried -= 6
    made.diagnosis()
    assert len(tried) == 2


def test_a_workload_that_the_webhook_leaves_out_is_frozen_and_says_so() -> None:
    got = planned(view(), context(admits=lambda seen: "selects others"))
    assert got.standing.reason is Reason.WEBHOOK_UNVERIFIED
    assert got.standing.message == "selects others"
    assert isinstance(got.action, Write) and got.action.status.size is None


def test_a_repair_of_the_trust_is_dated_and_wakes_the_loop() -> None:
    woken: list[int] = []
    states = [TrustState(True), TrustState(True, entrusted=True), TrustState(True)]
    trust = SimpleNamespace(cycle=lambda now: states.pop(0))
    made = Keeper(trust, lambda: True, lambda: woken.append(1), clock=lambda: 77.0)  # type: ignore[arg-type]
    made._cycle()
    assert (made.repaired, woken) == (None, [])
    made._cycle()
    assert (made.repaired, woken) == (77.0, [1])
    made._cycle()
    assert (made.repaired, woken) == (77.0, [1])
