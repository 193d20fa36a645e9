"""Which pods a ResourceQuota is about: the table of quota_scopes.py."""

from typing import Any

import pytest

from scaler.feasibility.quota_scopes import applies
from tests.unit.scaler.builders import pod, size
from tests.unit.scaler.feasibility.quotas import quota

SCOPES = [
    ("BestEffort", {}, False),
    ("NotBestEffort", {}, True),
    ("Terminating", {}, False),
    ("NotTerminating", {}, True),
    ("Terminating", {"activeDeadlineSeconds": 9}, True),
    ("NotTerminating", {"activeDeadlineSeconds": 9}, False),
    ("PriorityClass", {}, False),
    ("PriorityClass", {"priorityClassName": "high"}, True),
    ("CrossNamespacePodAffinity", {}, False),
    ("CrossNamespacePodAffinity", {"affinity": {"podAffinity": {"x": []}}}, True),
    ("OneOfALaterRelease", {}, True),
]


@pytest.mark.parametrize(("scope", "spec", "counts"), SCOPES)
def test_a_scope_is_about_a_pod_or_not(scope: str, spec: dict[str, Any], counts: bool) -> None:
    assert applies(quota(scopes=[scope]), pod(**spec)) is counts


def test_a_pod_that_asks_for_nothing_is_best_effort() -> None:
    bare = pod("web-1", {"nginx": size((None, None), (None, None))})
    assert applies(quota(scopes=["BestEffort"]), bare)
    assert not applies(quota(scopes=["NotBestEffort"]), bare)


@pytest.mark.parametrize(
    ("operator", "values", "high", "none"),
    [
        ("In", ["high"], True, False),
        ("NotIn", ["high"], False, True),
        ("Exists", None, True, False),
        ("DoesNotExist", None, False, True),
        ("Gt", ["1"], True, True),
    ],
)
def test_a_scope_on_priority_classes_goes_by_its_operator(
    operator: str, values: Any, high: bool, none: bool
) -> None:
    asked = [{"scopeName": "PriorityClass", "operator": operator, "values": values}]
    found = quota(selector=asked)
    assert applies(found, pod(priorityClassName="high")) is high
    assert applies(found, pod()) is none


def test_all_scopes_of_a_quota_must_match() -> None:
    asked = [{"scopeName": "PriorityClass", "operator": "Exists"}]
    found = quota(scopes=["NotTerminating"], selector=asked)
    assert not applies(found, pod())
    assert applies(found, pod(priorityClassName="x"))
