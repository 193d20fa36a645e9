"""The probe's pod, in namespaces that ask something of pods."""

from typing import Any

import msgspec
import pytest

from kube import objects
from scaler.execution.probe_pod import NOBODY_S, House, house, least, manifest
from scaler.feasibility import limit_range
from store import amounts
from store.model import Size
from tests.unit.scaler.builders import owner, workload


def ranges(*items: dict[str, Any], namespace: str = "release") -> objects.LimitRange:
    raw = {"metadata": {"name": "bounds", "namespace": namespace}, "spec": {"limits": list(items)}}
    return msgspec.convert(raw, objects.LimitRange)


CONTAINER, POD = {"type": "Container"}, {"type": "Pod"}
CASES: dict[str, tuple[list[dict[str, Any]], dict[str, str]]] = {
    "none": ([], {"cpu": "1m", "memory": "1Mi"}),
    "a minimum": ([{**CONTAINER, "min": {"cpu": "50m"}}], {"cpu": "50m", "memory": "1Mi"}),
    "a smaller one": ([{**CONTAINER, "min": {"cpu": "100u"}}], {"cpu": "1m", "memory": "1Mi"}),
    "a larger one of the pod": (
        [{**CONTAINER, "min": {"memory": "10Mi"}}, {**POD, "min": {"memory": "1Gi"}}],
        {"cpu": "1m", "memory": "1Gi"},
    ),
    "one that is no amount": ([{**CONTAINER, "min": {"cpu": "x"}}], {"cpu": "1m", "memory": "1Mi"}),
    "of storage": (
        [{**CONTAINER, "min": {"ephemeral-storage": "5Mi"}}],
        {"cpu": "1m", "memory": "1Mi", "ephemeral-storage": "5Mi"},
    ),
    "of claims": (
        [{"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}}],
        {"cpu": "1m", "memory": "1Mi"},
    ),
    "a ratio, a maximum and defaults": (
        [
            {
                **CONTAINER,
                "min": {"cpu": "20m", "memory": "4Mi"},
                "max": {"cpu": "20m", "memory": "1Gi"},
                "maxLimitRequestRatio": {"cpu": "1"},
                "default": {"cpu": "20m", "memory": "512Mi"},
                "defaultRequest": {"cpu": "20m", "memory": "256Mi"},
            }
        ],
        {"cpu": "20m", "memory": "4Mi"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_asks_for_as_little_as_is_admitted(name: str) -> None:
    items, expected = CASES[name]
    found = ranges(*items)
    assert least([found]) == expected
    given = amounts.read({k: v for k, v in expected.items() if k in amounts.RESOURCES})
    if name == "one that is no amount":
        return  # the API server stores no such range
    assert limit_range.refusal([found], {"probe": Size(given, given)}) is None


def test_it_has_the_scaler_s_own_image_and_the_ranges_of_its_own_namespace() -> None:
    own = owner(template={"containers": [{"name": "scaler", "image": "house/podtailor:1"}]})
    elsewhere = ranges({**CONTAINER, "min": {"cpu": "1"}}, namespace="shop")
    known = house("release", [elsewhere, ranges({**CONTAINER, "min": {"cpu": "5m"}})], own)
    assert (known.image, len(known.ranges)) == ("house/podtailor:1", 1)
    (container,) = manifest(workload(), "release", known)["spec"]["containers"]  # type: ignore[index]
    assert container["image"] == "house/podtailor:1"
    assert container["resources"]["limits"] == {"cpu": "5m", "memory": "1Mi"}


def test_where_nothing_is_known_it_says_whose_it_is() -> None:
    assert house("release", [], None) == House((), NOBODY_S)
