"""The minute of usage: rows of the two tables, and laws over any order of readings."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from scaler.usage.window import Minute, NoMinute, Reading, add, minute
from store.reasons import Reason

STARTED = 1_700_000_000.0
OURS = 5_000.0  # our clock may differ from the kubelet's


def reading(age: float, cpu: float, *, memory: int = 7, started: float = STARTED) -> Reading:
    """A reading `age` seconds after the container's start, received at once."""
    return Reading(STARTED + age, OURS + age, cpu, memory, started)


def window(*readings: Reading) -> tuple[Reading, ...]:
    kept: tuple[Reading, ...] = ()
    for r in readings:
        kept = add(kept, r)
    return kept


def every(step: int, until: int, *, start: int = 0, rate: float = 0.5) -> list[Reading]:
    return [reading(t, t * rate) for t in range(start, until + 1, step)]


MINUTES = [
    ("exactly one minute, two readings", [reading(60, 3), reading(120, 33)], 500, 60),
    ("a reading every 15 s", every(15, 150), 500, 60),
    ("readings that miss the minute take the next longer one", every(25, 250), 500, 75),
    ("two minutes apart is the longest", [reading(60, 0), reading(180, 60)], 500, 120),
    ("the latest that is early enough",
     [reading(60, 0), reading(70, 9), reading(130, 39)], 500, 60),
    ("the load before the minute does not count", [*every(15, 120), reading(180, 60)], 0, 60),
    ("a start time that trembles is the same container",
     [reading(61, 0), reading(121, 30, started=STARTED + 0.9)], 500, 60),
    ("a reading out of order is left out",
     [reading(60, 0), reading(120, 30), reading(119.5, 29)], 500, 60),
    ("a reading that waited for 90 s",
     [*every(15, 120), replace(reading(135, 67.5), received=OURS + 225)], 500, 60),
    ("an old reading, and a new one",
     [*every(15, 120), replace(reading(135, 67.5), received=OURS + 226), reading(195, 97.5)],
     500, 60),
    ("milliseconds as floats", [reading(60.123, 0), reading(120.123, 30)], 500, 60),
]  # fmt: skip


@pytest.mark.parametrize(("name", "readings", "mean", "seconds"), MINUTES)
def test_readings_that_cover_a_minute_give_its_mean(
    name: str, readings: list[Reading], mean: float, seconds: float
) -> None:
    newest = readings[-1]
    got = minute(window(*readings), newest.received + 3)
    assert isinstance(got, Minute), name
    assert got.mean == pytest.approx(mean, abs=1e-3)
    assert got.seconds == pytest.approx(seconds)
    assert got.memory == 7


NONE = [
    ("nothing read", [], Reason.NO_USAGE, "no usage"),
    ("one reading", [reading(300, 5)], Reason.WARMING_UP, "0 s of usage seen"),
    ("just under a minute", [reading(300, 5), reading(359.9, 9)], Reason.WARMING_UP, "60 s"),
    ("119 s after the start", every(1, 119), Reason.WARMING_UP, "runs for 119 s"),
    ("the minute would begin in the first 60 s", [reading(59, 1), reading(121, 9)],
     Reason.WARMING_UP, "60 s"),
    ("a counter that goes back", [*every(15, 150), reading(165, 1)], Reason.WARMING_UP, "0 s"),
    ("another start time", [*every(15, 150), reading(165, 99, started=STARTED + 160)],
     Reason.WARMING_UP, "runs for 5 s"),
    ("a clock that was set back", [*every(15, 300), reading(290, 200), reading(305, 201)],
     Reason.WARMING_UP, "15 s"),
    ("a kubelet that was down for 5 minutes", [*every(15, 150), *every(15, 495, start=450)],
     Reason.WARMING_UP, "45 s of usage seen"),
    ("a kubelet that was silent for 5 minutes, and repeats itself",
     [*every(15, 150), replace(reading(157, 78), received=OURS + 460)],
     Reason.STALE_USAGE, "was old when it was read"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "readings", "reason", "part"), NONE)
def test_readings_that_cover_no_minute_give_a_reason(
    name: str, readings: list[Reading], reason: Reason, part: str
) -> None:
    now = readings[-1].received if readings else OURS
    got = minute(window(*readings), now)
    assert isinstance(got, NoMinute), name
    assert (got.reason, part in got.message) == (reason, True), got


def test_the_first_minute_comes_120_s_after_the_start() -> None:
    kept: tuple[Reading, ...] = ()
    for r in every(1, 119):
        kept = add(kept, r)
        assert isinstance(minute(kept, r.received), NoMinute)
    assert isinstance(minute(add(kept, reading(120, 60)), OURS + 120), Minute)


def test_a_gap_between_readings_given_as_they_are_is_no_minute_either() -> None:
    got = minute((reading(100, 1), reading(400, 2)), OURS + 400)
    assert isinstance(got, NoMinute)
    assert got.reason is Reason.WARMING_UP
    assert "300 s apart" in got.message


STALE = [
    ("just fresh", 90.0, False),
    ("too old", 90.1, True),
    ("our clock stepped back", -3600.0, False),
]


@pytest.mark.parametrize(("name", "age", "stale"), STALE)
def test_old_readings_are_stale(name: str, age: float, stale: bool) -> None:
    got = minute(window(*every(15, 150)), OURS + 150 + age)
    assert (isinstance(got, NoMinute) and got.reason is Reason.STALE_USAGE) is stale, name


def test_the_same_sample_keeps_the_time_when_it_was_first_seen() -> None:
    kept = window(*every(15, 150))
    again = Reading(kept[-1].at, OURS + 500, kept[-1].cpu_seconds, 7, STARTED)
    assert add(kept, again) is kept


def test_ten_readings_a_second_stay_few() -> None:
    kept: tuple[Reading, ...] = ()
    for tenth in range(6000):
        kept = add(kept, reading(tenth / 10, tenth / 20))
        assert len(kept) <= 124
    got = minute(kept, OURS + 600)
    assert isinstance(got, Minute)
    assert 60 <= got.seconds <= 62
    assert got.mean == pytest.approx(500)


steps = st.lists(
    st.tuples(
        st.floats(-30, 130, allow_nan=False),  # seconds to the next sample, kubelet's clock
        st.floats(0, 64, allow_nan=False),  # cores used meanwhile
        st.sampled_from([0.0] * 20 + [0.5, 7.0, -7.0]),  # what happens to the start time
    ),
    max_size=60,
)


def story(moves: list[tuple[float, float, float]]) -> list[Reading]:
    at, cpu, started = STARTED, 0.0, STARTED
    answers = []
    for seconds, cores, shift in moves:
        at += seconds
        started += shift
        cpu = cpu + cores * abs(seconds) if abs(shift) <= 1 else 0.0
        answers.append(Reading(at, at + 17, cpu, 1, started))
    return answers


@given(steps)
def test_a_mean_is_never_negative_nor_above_what_was_ever_used(
    moves: list[tuple[float, float, float]],
) -> None:
    kept: tuple[Reading, ...] = ()
    for r in story(moves):
        kept = add(kept, r)
        got = minute(kept, r.received)
        if isinstance(got, Minute):
            rates = [(b.cpu_seconds - a.cpu_seconds) / (b.at - a.at) for a, b in pairwise(kept)]
            assert 0 <= got.mean <= max(rates) * 1000 + 1e-3
            assert 59.99 <= got.seconds <= 120.01


@example([(0.0, 0.0, 0.0), (0.0, 0.0, 0.5), (0.5, 0.0, 0.5), (1.0, 0.0, 0.5)])  # it drifts
@given(steps)
def test_kept_readings_are_in_order_few_and_of_one_container(
    moves: list[tuple[float, float, float]],
) -> None:
    kept: tuple[Reading, ...] = ()
    for r in story(moves):
        kept = add(kept, r)
        assert all(a.at < b.at and a.cpu_seconds <= b.cpu_seconds for a, b in pairwise(kept))
        assert kept[-1].at - kept[0].at <= 120.01
        assert all(abs(a.started - b.started) <= 1 for a, b in pairwise(kept))


@given(st.permutations([reading(t, t / 2) for t in range(60, 300, 20)]))
def test_any_order_of_arrival_gives_a_true_mean_or_none(readings: list[Reading]) -> None:
    got = minute(window(*readings), OURS + 300)
    if isinstance(got, Minute):
        assert got.mean == pytest.approx(500)


@given(st.floats(5, 30), st.floats(0, 8), st.floats(-1e6, 1e6))
def test_steady_use_is_found_exactly_whatever_the_clocks(
    step: float, cores: float, ours: float
) -> None:
    kept: tuple[Reading, ...] = ()
    for i in range(40):
        at = STARTED + i * step
        kept = add(kept, Reading(at, ours + i * step, i * step * cores, 1, STARTED))
    got = minute(kept, ours + 39 * step)
    assert isinstance(got, Minute)
    assert got.mean == pytest.approx(cores * 1000, abs=0.01)
