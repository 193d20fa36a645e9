"""The QoS class of a pod, and what changes it: the table of qos.py."""

from typing import Any

import pytest

from store.model import Size
from store.qos import changes_class, qos_class
from store.sizes import size_from_json


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ([], "BestEffort"),
        ([{}], "BestEffort"),
        ([{"requests": {"cpu": "0"}}], "BestEffort"),
        ([{"requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": {"cpu": "1"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}}, {}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "900m"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "0"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "0"}}], "Burstable"),
    ],
    ids=str,
)
def test_the_class_is_the_one_that_kubernetes_gives(sizes: list[Any], told: str) -> None:
    assert qos_class(size_from_json(s) for s in sizes) == told


def sizes(**each: Any) -> dict[str, Size]:
    return {name: size_from_json(raw) for name, raw in each.items()}


BOTH = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("came", "wanted", "changes"),
    [
        ({"requests": BOTH}, {"requests": {**BOTH, "cpu": "2"}}, False),
        ({"limits": BOTH}, {"limits": {**BOTH, "cpu": "2"}}, False),
        ({"limits": BOTH}, {"limits": BOTH, "requests": {"cpu": "500m"}}, True),
        ({"requests": {"cpu": "1"}, "limits": BOTH}, {"limits": {**BOTH, "cpu": "2"}}, False),
        ({}, {"requests": {"cpu": "1"}}, True),
        ({"limits": BOTH}, {"limits": {"memory": "1Gi"}, "requests": BOTH}, False),
    ],
    ids=[
        *("Burstable stays so", "Guaranteed stays so", "Guaranteed becomes Burstable"),
        *("a request that follows its limit", "BestEffort becomes Burstable"),
        "a limit that is taken away is no change",
    ],
)
def test_a_size_changes_the_class_of_a_pod(came: Any, wanted: Any, changes: bool) -> None:
    assert changes_class(sizes(nginx=came), sizes(nginx=wanted)) is changes
