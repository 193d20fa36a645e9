"""The pods whose usage is asked for, by node."""

from scaler.usage import enrolled
from tests.unit.scaler.usage.test_rate_counters import pod

LONG_AGO = "2026-11-23T20:00:00Z"
PODS = [pod("one", "a", LONG_AGO), pod("two", "a", LONG_AGO), pod("three", "b", LONG_AGO)]


def test_pods_are_known_by_their_node() -> None:
    assert enrolled.by_node(PODS) == {
        "a": {("shop", "one"), ("shop", "two")},
        "b": {("shop", "three")},
    }
    assert enrolled.by_node([]) == {}


def test_a_pod_of_that_name_on_another_node_is_not_asked_for() -> None:
    """A node that was away and came back may have it still."""
    elsewhere = pod("one", "b", LONG_AGO)
    assert enrolled.of([*PODS, elsewhere], enrolled.by_node(PODS[:2])) == PODS[:2]
