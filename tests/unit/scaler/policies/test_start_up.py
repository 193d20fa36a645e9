"""What starts show, and what is left out for it: both tables of start_up.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaler.policies import start_up
from scaler.policies.start_up import MOST, Learnt, Run, followed
from scaler.usage.window import Minute, NoMinute
from store.reasons import Reason
from store.records import StartUp

BASE = 200.0
EVERY = 15.0


def minute(at: float, mean: float, throttled: float | None = None) -> Minute:
    return Minute(mean, 60.0, 0, at, throttled=throttled)


def lived(burns: float, millicores: float, until: float = 900.0, rest: float = 5.0) -> Run:
    """A container that uses `millicores` for `burns` seconds, and then `rest`; looked at often."""
    run, at = Run(0.0, BASE), 120.0
    while at <= until:
        burning = max(0.0, min(60.0, burns - (at - 60.0))) / 60.0
        run = followed(run, minute(at, burning * millicores + (1 - burning) * rest))
        at += EVERY
    return run


def test_a_start_up_takes_as_long_as_its_minutes_are_far_above_what_follows() -> None:
    run = lived(150.0, 200.0)
    assert not run.open and 150.0 <= run.until <= 195.0 and run.highest == 200.0


@pytest.mark.parametrize("millicores", [79.0, 0.0])
def test_a_start_below_the_share_that_matters_is_calm(millicores: float) -> None:
    assert lived(150.0, millicores).calm


def test_a_start_that_is_throttled_is_not_calm_whatever_its_mean() -> None:
    assert not followed(Run(0.0, BASE), minute(120.0, 30.0, throttled=0.8)).calm


def test_what_burns_for_longer_than_any_start_up_is_load() -> None:
    run = lived(MOST + 60.0, 200.0)
    assert not run.open and not run.calm
    assert start_up.after(Learnt(1, 150, 200), run, over=False) == Learnt(1, 150, 200)


def test_a_container_that_was_not_seen_from_its_start_says_nothing() -> None:
    run = followed(Run(0.0, BASE), minute(3600.0, 200.0))
    assert not run.open and start_up.after(None, run, over=False) is None


def test_no_minute_says_nothing_yet() -> None:
    run = Run(0.0, BASE)
    assert followed(run, NoMinute(Reason.WARMING_UP, "")) is run
    assert start_up.after(None, run, over=True) is None


@pytest.mark.parametrize(
    ("before", "run", "over", "expected"),
    [
        (None, lived(150.0, 200.0), False, Learnt(1, 180, 210)),
        (Learnt(1, 180, 210), lived(150.0, 200.0), False, Learnt(2, 180, 210)),
        (Learnt(2, 180, 210), lived(240.0, 200.0), False, Learnt(2, 270, 210)),
        (Learnt(2, 600, 210), lived(90.0, 200.0), False, Learnt(2, 150, 120)),
        (Learnt(1), lived(150.0, 200.0), False, Learnt(2, 180, 210)),
        (None, lived(150.0, 200.0, until=140.0), True, Learnt(1)),
        (None, lived(150.0, 200.0, until=140.0), False, None),
        (Learnt(2, 180, 210), lived(0.0, 0.0), False, Learnt(1, 180, 210)),
        (Learnt(1, 180, 210), lived(0.0, 0.0), False, None),
        (None, lived(0.0, 0.0), False, None),
    ],
)
def test_what_a_start_makes_of_what_was_learnt(
    before: Learnt | None, run: Run, over: bool, expected: Learnt | None
) -> None:
    assert start_up.after(before, run, over=over) == expected


def test_it_is_known_after_two_starts_one_of_them_seen_to_its_end() -> None:
    assert start_up.record("app", Learnt(1, 180, 200)) is None
    assert start_up.record("app", Learnt(2)) is None
    known = StartUp("app", 180, 200)
    assert start_up.record("app", Learnt(2, 180, 200)) == known
    assert start_up.recalled(known) == Learnt(2, 180, 200)


@pytest.mark.parametrize(
    ("base", "seconds"), [(400.0, 180.0), (200.0, 180.0), (100.0, 360.0), (1.0, MOST), (0.0, 180.0)]
)
def test_the_same_work_takes_longer_with_less_cpu(base: float, seconds: float) -> None:
    assert start_up.wait(StartUp("app", 180, 200), base) == seconds
    assert start_up.wait(None, base) == start_up.wait(Learnt(1), base) == 0.0


def test_minutes_of_the_start_up_are_left_out_and_say_so() -> None:
    early = start_up.settled(minute(230.0, 200.0, throttled=0.9), 0.0, 180.0)
    assert isinstance(early, NoMinute) and early.reason is Reason.WARMING_UP
    assert early.message == (
        "the container runs for 230 s, and its last start-ups took 180 s: they are left out"
    )
    assert early.throttled == 0.9
    late = minute(240.0, 200.0)
    assert start_up.settled(late, 0.0, 180.0) is late
    assert start_up.settled(early, 0.0, 180.0) is early


@given(st.floats(90.0, 500.0), st.floats(100.0, 4000.0), st.floats(0.0, 0.3))
def test_what_two_equal_starts_have_shown_leaves_the_third_one_out(
    burns: float, millicores: float, rest: float
) -> None:
    """Whatever burns before it settles far below: none of its minutes above half of it counts."""
    run = lived(burns, millicores, rest=rest * millicores)
    if run.calm or run.until > MOST:
        return
    learnt = None
    for _ in range(2):
        learnt = start_up.after(learnt, run, over=False)
    assert learnt is not None and start_up.record("app", learnt)
    seconds = start_up.wait(learnt, max(BASE, millicores))
    assert seconds >= burns
