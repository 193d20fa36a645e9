"""Another edition where something changed that may refuse what is done in a namespace."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from scaler.rules import Rules
from tests.fakes import FakeGateway


def put(rules: Rules, plural: str, **fields: Any) -> None:
    meta = {"name": "house", "namespace": "shop", "uid": "u", "generation": 1}
    meta |= {"resourceVersion": str(next(_VERSIONS)), **fields.pop("metadata", {})}
    [watch] = [w for w in rules.watches() if w.path.endswith(f"/{plural}")]
    watch.put(msgspec.json.encode({"metadata": meta, **fields}))


_VERSIONS = iter(range(1, 1000))
BUDGETS = "poddisruptionbudgets"
CLUSTERS = (
    *("validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
    *("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
)
Change = Callable[[Rules], None]


def allows(rules: Rules, pods: int, **metadata: str) -> None:
    put(rules, BUDGETS, status={"disruptionsAllowed": pods}, metadata=metadata)


CHANGES: list[tuple[Change, bool]] = [
    *((lambda r, p=p: put(r, p, metadata={"generation": 2}), True) for p in (*CLUSTERS, BUDGETS)),
    *((lambda r, p=p: put(r, p, metadata={"uid": "another"}), True) for p in (*CLUSTERS, BUDGETS)),
    *((lambda r, p=p: put(r, p, metadata={"name": "new", "uid": "v"}), True) for p in CLUSTERS),
    *((lambda r, p=p: put(r, p, metadata={"labels": {"a": "b"}}), False) for p in CLUSTERS),
    (lambda r: allows(r, 1), True),
    (lambda r: allows(r, 1, namespace="other"), False),
]


@pytest.mark.parametrize(("change", "another"), CHANGES)
def test_what_makes_another_edition(change: Change, another: bool) -> None:
    rules = Rules(FakeGateway())
    for plural in (*CLUSTERS, BUDGETS):
        put(rules, plural)
    before = rules.edition("shop")
    assert rules.edition("shop") == before
    change(rules)
    assert (rules.edition("shop") != before) is another


def test_how_many_pods_a_budget_allows_makes_no_difference() -> None:
    rules = Rules(FakeGateway())
    allows(rules, 1)
    before = rules.edition("shop")
    allows(rules, 2)
    assert rules.edition("shop") == before
    allows(rules, 0)
    assert rules.edition("shop") != before
