"""What a new pod selects, decoded only where somebody asks."""

from typing import Any

import msgspec
import pytest

from webhook.review import Pod
from webhook.selection import selection

SSD = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
BROKEN = {"requiredDuringSchedulingIgnoredDuringExecution": 3}
REQUIRED = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [SSD]}}


def selected(**spec: Any) -> bool | None:
    """Whether it selects a node with an SSD and not one without; None: it cannot be read."""
    pod = msgspec.json.decode(msgspec.json.encode({"spec": spec}), type=Pod)
    found = selection(pod.spec)
    if found is None:
        return None
    assert found.matches("a", {"disk": "ssd"})
    return not found.matches("a", {"disk": "hdd"})


@pytest.mark.parametrize(
    ("spec", "selects"),
    [
        ({}, False),
        ({"nodeSelector": {"disk": "ssd"}}, True),
        ({"affinity": {"nodeAffinity": REQUIRED}}, True),
        ({"affinity": {"podAffinity": {"anything": [1]}}}, False),
        ({"affinity": None}, False),
        ({"affinity": []}, None),
        (
            {"affinity": {"nodeAffinity": BROKEN}},
            None,
        ),
    ],
)
def test_what_a_pod_selects(spec: dict[str, Any], selects: bool | None) -> None:
    assert selected(**spec) is selects
