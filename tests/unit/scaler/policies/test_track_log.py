"""What the log says of climbs."""

from scaler.policies import track_log
from store.reasons import Reason
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.policies.tracked import change


def test_steps_up_within_half_an_hour_are_one_climb() -> None:
    log = [change(60, "300m", "1200m"), change(600, "100m", "300m")]
    assert track_log.climb(log, "c", "cpu", NOW) == (2, "100m")
    assert track_log.climbs(log, "c", "cpu", NOW - 86400) == 1


def test_what_lies_further_apart_is_another() -> None:
    log = [change(60, "1", "3"), change(4000, "500m", "1"), change(9000, "250m", "500m")]
    assert track_log.climb(log, "c", "cpu", NOW) == (1, "1")
    assert track_log.climbs(log, "c", "cpu", NOW - 86400) == 3
    assert track_log.climbs(log, "c", "cpu", NOW - 5000) == 2


def test_a_climb_of_long_ago_is_over() -> None:
    assert track_log.climb([change(4000, "1", "3")], "c", "cpu", NOW) == (0, None)


def test_other_containers_resources_reasons_and_steps_down_do_not_count() -> None:
    log = [
        change(10, "1", "3", name="side"),
        change(20, "64Mi", "128Mi", "memory"),
        change(30, "3", "1"),
        change(40, "1", "3", reason=Reason.MANUAL),
    ]
    assert track_log.climb(log, "c", "cpu", NOW) == (0, None)
    assert track_log.climbs(log, "c", "cpu", NOW - 86400) == 0


def test_what_may_be_taken_back_is_the_newest_climb_whole() -> None:
    log = [change(4000, "300m", "1200m"), change(4600, "100m", "300m")]
    assert track_log.risen_to(log, "c", "cpu") == "100m"
    assert track_log.risen_to([change(10, "3", "1"), *log], "c", "cpu") is None
    assert track_log.risen_to([], "c", "cpu") is None


def test_up_and_down_go_by_the_values() -> None:
    assert track_log.grew(change(0, "500m", "1")) and not track_log.shrank(change(0, "500m", "1"))
    assert track_log.shrank(change(0, "1Gi", "512Mi", "memory"))
