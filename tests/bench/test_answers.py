"""What is made of two servers' times behind a load that doubles."""

from tests.bench.answers import curve, measured, slowest
from tests.load.paced import Taken

FAST: Taken = [*([0.01] * 97), 0.3, 0.3, 0.3]
LATE: Taken = [*([1.2] * 100)]
LOST: Taken = [*([0.01] * 50), *([None] * 50)]


def test_what_is_not_answered_counts_as_the_whole_time_out() -> None:
    assert slowest([0.01] * 99 + [None]) == 0.01
    assert slowest([0.01] * 98 + [None, None]) == 5.0


def test_a_step_is_met_with_a_third_of_the_other_server_s_time() -> None:
    found = measured([9, 18, 36], {"with": [LATE, FAST, FAST], "without": [FAST, LATE, LOST]}, {})
    first, _, second, _, third, _, worst, ours, beside = found.figures
    assert first.most is None, "it is within the limit"
    assert (second.most, second.met, third.met) == (0.4, True, True)
    assert (worst.value, worst.met) == (0.25, True)
    assert (ours.value, beside.value) == (0, 50)


def test_a_step_that_is_too_slow_is_missed_though_another_is_met() -> None:
    found = measured([9, 18, 36], {"with": [FAST, LATE, FAST], "without": [FAST, LATE, LOST]}, {})
    assert [f.met for f in found.figures if f.most is not None] == [False, True, False]


def test_an_answer_counts_in_the_five_seconds_in_which_it_came() -> None:
    whole = curve([0.2, 0.2], [[0.1, 4.9, 5.1, None, 0.1, 0.1], [0.1, *[None] * 4, 6.0]])
    assert whole == [0.2, 0.2, 0.0, 0.2, 0.2, 0.2, 0.2, 0, 0, 0, 0, 0]
