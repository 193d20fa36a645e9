"""Label selectors as the API server reads them, operator by operator."""

import pytest

from kube.selectors import EVERYTHING, Requirement, Selector

LABELS = {"app": "web", "cores": "4", "empty": ""}


@pytest.mark.parametrize(
    ("key", "operator", "values", "holds"),
    [
        ("app", "In", ["db", "web"], True),
        ("app", "In", ["db"], False),
        ("zone", "In", ["a"], False),
        ("app", "NotIn", ["db"], True),
        ("app", "NotIn", ["web"], False),
        ("zone", "NotIn", ["a"], True),
        ("empty", "Exists", [], True),
        ("zone", "Exists", [], False),
        ("zone", "DoesNotExist", [], True),
        ("empty", "DoesNotExist", [], False),
        ("cores", "Gt", ["3"], True),
        ("cores", "Gt", ["4"], False),
        ("cores", "Lt", ["5"], True),
        ("cores", "Lt", ["4"], False),
        ("app", "Gt", ["3"], False),
        ("zone", "Lt", ["3"], False),
        ("cores", "Gt", ["many"], False),
        ("cores", "Gt", [], False),
        ("app", "Matches", ["web"], False),
    ],
)
def test_a_requirement_holds(key: str, operator: str, values: list[str], holds: bool) -> None:
    assert Requirement(key, operator, values).holds(LABELS) is holds


WEB, NO_ZONE = {"app": "web"}, [Requirement("zone", "DoesNotExist")]


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        (EVERYTHING, True),
        (Selector({}, []), True),
        (Selector(WEB), True),
        (Selector({"app": "db"}), False),
        (Selector({**WEB, "zone": "a"}), False),
        (Selector(WEB, NO_ZONE), True),
        (Selector(WEB, [*NO_ZONE, Requirement("cores", "Lt", ["4"])]), False),
        (Selector({"app": "db"}, NO_ZONE), False),
    ],
    ids=[
        *("everything", "nothing asked for", "a label", "another value", "one of two labels"),
        *("labels and a requirement", "one of two requirements", "a requirement alone"),
    ],
)
def test_all_of_a_selector_must_hold(selector: Selector, matches: bool) -> None:
    assert selector.matches(LABELS) is matches
