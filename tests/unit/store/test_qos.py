"""The QoS class of a pod, and what changes it: the table of qos.py."""

from typing import Any

import pytest

from store.qos import qos_class


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
    from store.codec import size_from_json

    assert qos_class(size_from_json(s) for s in sizes) == told
