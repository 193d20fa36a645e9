"""From minutes to the size that covers them."""

import pytest

from scaler.annotations.options import Limits
from scaler.policies import track_aim
from scaler.policies.track_aim import Hottest
from store.amounts import Base
from tests.unit.scaler.policies.tracked import change, minute, usage, window


@pytest.mark.parametrize(
    ("request_", "limit", "limits", "value"),
    [
        (100, 200, Limits.RATIO, 440),  # the request follows the limit, as half of it
        (100, 100, Limits.RATIO, 440),
        (100, 1000, Limits.RATIO, 2000),
        (100, None, Limits.RATIO, 440),
        (100, 200, Limits.NONE, 440),
        (100, 300, Limits.KEEP, 200),
        (100, 150, Limits.KEEP, 150),
        (0, 200, Limits.RATIO, 440),
    ],
)
def test_the_base_covers_one_share_and_the_request_another(
    request_: int, limit: int | None, limits: Limits, value: int
) -> None:
    assert track_aim.covering(Base(request_, limit), limits, 440.0, 200.0) == value


def test_no_request_is_below_ten_millicores() -> None:
    assert track_aim.covering(Base(100, 200), Limits.RATIO, 1.0, 1.0) == 20
    assert track_aim.covering(Base(100, None), Limits.RATIO, 1.0, 1.0) == 10


def test_rare_minutes_are_left_out_of_both() -> None:
    seen = window(*[50.0] * 90, *[100.0] * 7, *[900.0] * 3)
    value = track_aim.aim(Base(100, 100), Limits.RATIO, seen)
    assert 0.95 * 110 <= value <= 1.05 * 110


@pytest.mark.parametrize(
    ("mean", "share", "pinned"),
    [(189, None, False), (190, None, True), (100, 0.4, False), (100, 0.6, True)],
)
def test_pinned_is_at_the_limit_or_throttled_in_most_periods(
    mean: float, share: float | None, pinned: bool
) -> None:
    hottest = Hottest(minute(mean, throttled=share), "web-1", Base(100, 200))
    assert hottest.pinned is pinned


@pytest.mark.parametrize(
    ("mean", "limit", "far"), [(199, 1000, False), (200, 1000, True), (119, None, False)]
)
def test_far_is_a_multiple_of_the_request(mean: float, limit: int | None, far: bool) -> None:
    assert Hottest(minute(mean), "", Base(100, limit)).far is far


def test_it_follows_the_replica_that_uses_most() -> None:
    found = track_aim.followed(Base(100, 200), usage(minute(10), minute(80), minute(20)))
    assert found is not None and found.replica == "web-2"


def test_a_throttled_replica_comes_before_a_busier_one_that_is_not_pinned() -> None:
    busy, throttled = minute(150), minute(100, throttled=0.9)
    found = track_aim.followed(Base(100, 200), usage(busy, throttled))
    assert found is not None and found.replica == "web-2"
    found = track_aim.followed(Base(100, 200), usage(minute(199), throttled))
    assert found is not None and found.replica == "web-1"


@pytest.mark.parametrize(("ago", "lately"), [(599, True), (601, False), (-599, True)])
def test_a_change_counts_for_a_while_on_either_side_of_now(ago: float, lately: bool) -> None:
    assert track_aim.changed_lately(usage(changes=[change(ago, "1", "2")])) is lately
    assert not track_aim.changed_lately(usage())


def test_a_request_alone_covers_more_minutes_than_one_below_a_limit_that_follows() -> None:
    seen = window(*[50.0] * 70, *[100.0] * 30)
    assert track_aim.aim(Base(100, 1000), Limits.RATIO, seen) < 600
    assert 95 <= track_aim.aim(Base(100, 1000), Limits.KEEP, seen) <= 105
