"""The steps down of `track`: each row of its table."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.annotations.options import Bounds, Direction, Limits
from scaler.policies import track_down
from scaler.policies.policy import Container, PodMinute, Usage
from scaler.policies.proposal import Proposal
from scaler.usage.long_window import LongWindow
from scaler.usage.window import NoMinute
from store.reasons import Reason
from tests.unit.scaler.builders import MI
from tests.unit.scaler.policies.tracked import change, container, minute, usage, window

IDLE = window(*[20.0] * 90)


def down(
    one: Container | None = None, known: LongWindow | None = IDLE, **more: Any
) -> Proposal | None:
    used = more.pop("used", minute(20))
    return track_down.proposed(one or container(), usage(used, known=known, **more))


def test_down_to_what_the_window_asks_for() -> None:
    got = down()
    assert got is not None and got.value is not None and got.reason is Reason.TRACKED
    assert 38 <= got.value <= 44  # twice what fits the request
    assert got.message.startswith("its last 90 minutes ask for")


def test_the_dead_band_is_ten_percent() -> None:
    assert down(known=window(*[95.0] * 90), used=minute(95)) is None
    assert down(known=window(*[85.0] * 90), used=minute(85)) is not None


@pytest.mark.parametrize(
    "why",
    [
        {"one": container(direction=Direction.UP)},
        {"known": None},
        {"known": window(*[20.0] * 59)},  # an hour has to be known
        {"changes": [change(300, "100m", "200m")]},
        {"used": minute(195)},
        {"used": NoMinute(Reason.NO_USAGE, "why")},
    ],
)
def test_nothing_gets_smaller(why: dict[str, Any]) -> None:
    assert down(**why) is None


def test_one_replica_that_is_not_known_keeps_the_size_unless_it_is_young() -> None:
    some = usage(minute(20), known=IDLE)
    missing = NoMinute(Reason.WARMING_UP, "why")
    old: Usage = replace(some, pods=[*some.pods, PodMinute(missing)])
    young = replace(some, pods=[*some.pods, PodMinute(missing, young=True)])
    assert track_down.proposed(container(), old) is None
    assert track_down.proposed(container(), young) is not None


def test_before_it_knows_enough_it_takes_back_its_own_guess_and_no_more() -> None:
    little, log = window(*[20.0] * 20), [change(1000, "100m", "600m")]
    got = down(container(300, 600), little, changes=log)
    assert got is not None and got.value == 100
    assert down(container(300, 600), little) is None
    assert down(container(300, 600), little, changes=[change(900, "900m", "600m"), *log]) is None


def test_the_last_quarter_of_an_hour_is_covered_whole() -> None:
    known = window(*[20.0] * 90, *[80.0] * 3, *[20.0] * 5)
    got = down(known=known)
    assert got is not None and got.value is not None and got.value >= 88


def test_minimum_and_keep() -> None:
    least = down(container(bounds=Bounds(cpu_min=150)))
    assert least is not None and least.value == 150
    assert down(container(bounds=Bounds(cpu_min=190))) is None
    kept = down(container(limits=Limits.KEEP, bounds=Bounds(cpu_min=150)))
    assert kept is not None and kept.value is not None and kept.value < 30


def test_memory_goes_down_to_the_peak_of_its_working_set() -> None:
    got = down(container(64, 64, "memory"))
    assert got is not None and got.value == 24 * MI  # 20 Mi and a fifth
    split = down(container(64, 128, "memory"))
    assert split is not None and split.value == 30 * MI  # so that the request has three quarters
    tiny = down(container(64, 64, "memory"), window(*[1.0] * 90, memory=1), used=minute(1, 1))
    assert tiny is not None and tiny.value == 16 * MI


def test_page_cache_is_left_room_and_named() -> None:
    known = window(*[1.0] * 90, memory=100, needed=2)
    got = down(container(200, 200, "memory"), known, used=minute(1, 100, needed_peak=2 * MI))
    assert got is not None and got.value == 120 * MI
    assert got.message == (
        "its working set reached 100Mi in 90 minutes, page cache with it: at most 2Mi cannot be "
        "reclaimed"
    )


def test_memory_that_was_raised_within_the_time_to_learn_stays() -> None:
    for ago, stays in ((3000, True), (4000, False)):
        log = [change(ago, "32Mi", "64Mi", "memory", reason=Reason.MEMORY_PRESSURE)]
        got = down(container(64, 64, "memory"), changes=log)
        assert (got is None) is stays


def test_memory_is_never_a_guess_that_is_taken_back() -> None:
    log = [change(90_000, "32Mi", "64Mi", "memory")]
    assert down(container(64, 64, "memory"), window(*[1.0] * 20), changes=log) is None


def test_what_climbed_again_waits_for_another_pause() -> None:
    lately, before = change(900, "50m", "100m"), change(86400, "50m", "100m")
    assert down(changes=[lately]) is not None
    assert down(changes=[lately, before]) is None
    older = change(1300, "50m", "100m")
    assert down(changes=[older, before]) is not None
    assert down(changes=[lately, change(9 * 86400, "50m", "100m")]) is not None
