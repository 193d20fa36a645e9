"""The policy `double` upward: every row of its table. What is allowed of it: test_decide.py."""

from typing import Any

import pytest

from scaler.annotations.options import Limits
from scaler.policies import double
from scaler.policies.policy import Usage
from scaler.usage.window import Minute
from store.model import Size
from store.reasons import Reason
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.policies.looks import container, minute, one, usage

R = Reason
KEEP, NONE = {"limits": Limits.KEEP}, {"limits": Limits.NONE}


@pytest.mark.parametrize(
    ("has", "used", "options", "value", "reason"),
    [
        pytest.param(one(250, 500), 450.0, {}, 1000, R.DOUBLED, id="90 % of the limit"),
        pytest.param(one(250, 500), 449.9, {}, None, R.IN_BOUNDS, id="just below"),
        pytest.param(one(250, 500), 0.0, {}, None, R.IN_BOUNDS, id="nothing was used"),
        pytest.param(one(None, 500), 450.0, {}, 1000, R.DOUBLED, id="limit only"),
        pytest.param(one(250, None), 225.0, {}, 500, R.DOUBLED, id="90 % of the request"),
        pytest.param(one(250, None), 224.0, {}, None, R.IN_BOUNDS, id="below that"),
        pytest.param(one(200, 500), 450.0, KEEP, 400, R.DOUBLED, id="`keep`: the request"),
        pytest.param(one(300, 500), 450.0, KEEP, 500, R.DOUBLED, id="`keep`: up to the limit"),
        pytest.param(one(500, 500), 450.0, KEEP, None, R.AT_MAXIMUM, id="`keep`: there"),
        pytest.param(one(250, 500), 450.0, NONE, 500, R.DOUBLED, id="`none`: the request"),
        pytest.param(Size(), 900.0, {}, None, R.NOTHING_TO_SCALE, id="neither"),
        pytest.param(one(0, None), 900.0, {}, None, R.NOTHING_TO_SCALE, id="twice nothing"),
        pytest.param(one(0, 500), 450.0, KEEP, None, R.NOTHING_TO_SCALE, id="`keep`: likewise"),
    ],
)
def test_a_container(
    has: Size, used: float, options: dict[str, Any], value: int | None, reason: Reason
) -> None:
    got = double.up(container(has, **options), usage(used))
    assert (got.value, got.reason) == (value, reason)


def test_one_hot_pod_is_not_averaged_away() -> None:
    got = double.up(container(), usage(10.0, 460.0, R.WARMING_UP))
    assert (got.reason, got.pressure) == (R.DOUBLED, 0.92)
    assert got.message == "nginx used 460m of 500m for 60 s"


@pytest.mark.parametrize(
    ("used", "reason"),
    [
        ((R.WARMING_UP, R.STALE_USAGE, R.NO_USAGE), R.STALE_USAGE),
        ((R.NO_USAGE, R.WARMING_UP), R.WARMING_UP),
        ((R.NO_USAGE,), R.NO_USAGE),
    ],
)
def test_where_no_pod_has_a_minute_the_most_important_reason_is_given(
    used: tuple[Reason, ...], reason: Reason
) -> None:
    got = double.up(container(), usage(*used))
    assert (got.value, got.reason) == (None, reason)
    assert got.message == f"nginx: because of {reason}"


def test_without_a_pod_at_the_current_size_nothing_is_known() -> None:
    got = double.up(container(), usage())
    assert (got.reason, got.message) == (R.NO_USAGE, "nginx: no pod at the current size")


THROTTLED = {"throttled": 0.6}


@pytest.mark.parametrize(
    ("has", "seen", "options", "value", "reason"),
    [
        pytest.param(one(250, 500), THROTTLED, {}, 1000, R.THROTTLED, id="in most periods"),
        pytest.param(one(250, 500), {"throttled": 0.5}, {}, None, R.IN_BOUNDS, id="in half"),
        pytest.param(one(250, 500), {}, {}, None, R.IN_BOUNDS, id="not known"),
        pytest.param(one(250, None), THROTTLED, {}, None, R.IN_BOUNDS, id="without a limit"),
        pytest.param(one(300, 500), THROTTLED, KEEP, 500, R.THROTTLED, id="`keep`"),
        pytest.param(one(500, 500), THROTTLED, KEEP, None, R.AT_MAXIMUM, id="`keep`: there"),
        pytest.param(one(250, 500), THROTTLED, NONE, 500, R.THROTTLED, id="`none`"),
    ],
)
def test_a_container_that_is_throttled_at_a_low_mean(
    has: Size, seen: dict[str, Any], options: dict[str, Any], value: int | None, reason: Reason
) -> None:
    bursty = Minute(200.0, 60.0, 0, NOW, **seen)
    got = double.up(container(has, **options), Usage(NOW, [minute(10.0), bursty]))
    assert (got.value, got.reason) == (value, reason)


def test_throttling_is_explained() -> None:
    got = double.up(container(), Usage(NOW, [Minute(250.0, 60.0, 0, NOW, throttled=0.62)]))
    assert got.message == (
        "nginx was throttled in 62 % of its periods for 60 s, using 250m of 500m on average"
    )


def test_what_is_at_its_limit_is_doubled_for_that_reason_though_throttled_too() -> None:
    got = double.up(container(), Usage(NOW, [Minute(490.0, 60.0, 0, NOW, throttled=0.99)]))
    assert got.reason is R.DOUBLED
