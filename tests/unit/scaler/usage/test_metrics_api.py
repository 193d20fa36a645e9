"""The Metrics API's answer as rates: what makes no sense is left out."""

from typing import Any

import msgspec
import pytest

from kube import timestamps
from scaler.usage import metrics_api
from scaler.usage.metrics_api import Rate

KEY = ("shop", "web-1", "nginx")
ITEM: dict[str, Any] = {
    "metadata": {"name": "web-1", "namespace": "shop", "creationTimestamp": "2026-11-23T20:35:09Z"},
    "timestamp": "2026-11-23T20:35:06Z",
    "window": "15.25s",
    "containers": [{"name": "nginx", "usage": {"cpu": "487123456n", "memory": "12Ki"}}],
}
AT = timestamps.seconds("2026-11-23T20:35:06Z") or 0.0


def body(*items: object) -> bytes:
    return msgspec.json.encode({"kind": "PodMetricsList", "metadata": {}, "items": items})


def with_usage(**usage: str) -> dict[str, Any]:
    return {**ITEM, "containers": [{"name": "nginx", "usage": usage}]}


def test_an_answer_of_the_metrics_api_becomes_rates() -> None:
    assert metrics_api.parse(body(ITEM)) == [Rate(KEY, AT, 15.25, 0.487123456, 12288)]


ITEMS = [
    ("as it is", ITEM, 1),
    ("whole cores", with_usage(cpu="2", memory="0"), 1),
    ("nothing", with_usage(cpu="0", memory="0"), 1),
    ("no memory", with_usage(cpu="1m"), 0),
    ("negative", with_usage(cpu="-1m", memory="0"), 0),
    ("no quantity", with_usage(cpu="much", memory="0"), 0),
    ("no containers", {**ITEM, "containers": None}, 0),
    ("no timestamp", {k: v for k, v in ITEM.items() if k != "timestamp"}, 0),
    ("a timestamp that is none", {**ITEM, "timestamp": "now"}, 0),
    ("a window of nothing", {**ITEM, "window": "0s"}, 0),
    ("a window that is none", {**ITEM, "window": "1.2.3s"}, 0),
    ("no object", 7, 0),
]


@pytest.mark.parametrize(("name", "item", "count"), ITEMS, ids=[i[0] for i in ITEMS])
def test_an_item_that_makes_no_sense_is_left_out_alone(name: str, item: object, count: int) -> None:
    good = {**ITEM, "metadata": {"name": "other", "namespace": "shop"}}
    assert len(metrics_api.parse(body(item, good))) == count + 1


def test_windows_that_are_all_too_long_are_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="windows are of 300 s"):
        metrics_api.parse(body({**ITEM, "window": "5m0s"}))
    assert len(metrics_api.parse(body({**ITEM, "window": "5m0s"}, ITEM))) == 1


@pytest.mark.parametrize("raw", [b"", b"service unavailable", b"[]", b'{"items": 7}'])
def test_an_answer_that_is_no_list_is_an_error(raw: bytes) -> None:
    with pytest.raises(ValueError):
        metrics_api.parse(raw)


DURATIONS = [("15s", 15.0), ("1m30.5s", 90.5), ("1h0m1s", 3601.0), ("250ms", 0.25), ("3µs", 3e-6)]


@pytest.mark.parametrize(("text", "expected"), DURATIONS)
def test_durations_are_read_as_go_writes_them(text: str, expected: float) -> None:
    assert metrics_api.seconds(text) == pytest.approx(expected)
