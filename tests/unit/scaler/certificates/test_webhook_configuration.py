"""The webhook's configuration: whom it leaves out, and what a probe then proves."""

from typing import Any

import msgspec
import pytest

from scaler.certificates.webhook_configuration import Configuration, Entry, unlike

CREATES: dict[str, Any] = {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}
NAME = "kubernetes.io/metadata.name"
LABELS = {NAME: "shop", "team": "a"}


def entry(name: str = "pods", **more: Any) -> Entry:
    body = {"name": name, "rules": [CREATES], **more}
    return msgspec.convert(body, Entry)


def selected(**labels: str) -> dict[str, Any]:
    return {"matchLabels": labels}


def expressed(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": [*values]}]}


ROWS = [
    ("no selectors", {}, None),
    ("an empty one", {"namespaceSelector": {}, "objectSelector": {}}, None),
    ("the chart's", {"namespaceSelector": expressed(NAME, "NotIn", "kube-system")}, None),
    ("the namespace is left out", {"namespaceSelector": expressed(NAME, "NotIn", "shop")},
     "namespaceSelector of pods does not select shop"),
    ("a label that it has", {"namespaceSelector": selected(team="a")}, None),
    ("a label that it has not", {"namespaceSelector": selected(team="b")}, "namespaceSelector"),
    ("an operator that we do not know", {"namespaceSelector": expressed("team", "Like", "a")},
     "namespaceSelector"),
    ("pods of the template's labels", {"objectSelector": selected(app="web")}, None),
    ("pods of other labels", {"objectSelector": selected(app="db")}, "objectSelector of pods"),
    ("no rules", {"rules": []}, "pods has no rule for pods that are created"),
    ("updates only", {"rules": [{**CREATES, "operations": ["UPDATE"]}]}, "has no rule"),
    ("something else", {"rules": [{**CREATES, "resources": ["pods/status"]}]}, "has no rule"),
    ("another group", {"rules": [{**CREATES, "apiGroups": ["apps"]}]}, "has no rule"),
    ("everything", {"rules": [{"apiGroups": ["*"], "resources": ["*"], "operations": ["*"]}]},
     None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more", "told"), ROWS, ids=[r[0] for r in ROWS])
def test_workloads_whose_pods_never_come_to_the_webhook(
    name: str, more: Any, told: str | None
) -> None:
    got = entry(**more).leaves_out("shop", LABELS, {"app": "web"})
    assert got is None if told is None else told in (got or ""), got


HERE = {"service": {"name": "webhook", "namespace": "ns"}, "caBundle": "QQ=="}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (HERE, ""),
        ({**HERE, "caBundle": "Qg=="}, "pods and probe have different caBundles"),
        ({"service": HERE["service"]}, "different caBundles"),
        ({**HERE, "service": {"name": "other", "namespace": "ns"}}, "call different webhooks"),
        ({"url": "https://127.0.0.1/", "caBundle": "QQ=="}, "call different webhooks"),
    ],
)
def test_a_probe_proves_something_only_if_both_entries_are_alike(other: Any, told: str) -> None:
    got = unlike([entry(clientConfig=HERE), entry("probe", clientConfig=other)])
    assert told in got and bool(told) is bool(got)


def test_a_configuration_with_one_entry_has_no_entries_that_differ() -> None:
    assert unlike([entry(clientConfig=HERE)]) == "" == unlike([])


def test_entries_and_their_trust_are_found_by_name() -> None:
    found = Configuration(msgspec.convert({}, Any) or None, [entry(clientConfig=HERE)])  # type: ignore[arg-type]
    assert found.bundles(["pods", "probe"]) == {"pods": b"A"}
    assert found.entries(["probe"]) == []
