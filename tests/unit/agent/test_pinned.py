"""Pinned at its limit: the table of pinned.py, sample by sample."""

import itertools
import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from agent.counters import Counters
from agent.pinned import NONE, Event, Sample, Streak, between, concluded, followed, near

BUSY = Sample(0.1, 500.0, 500.0, 1, 1)
IDLE = Sample(0.1, 10.0, 500.0, 0, 0)


def events(samples: Iterable[Sample | None], needed: int = 5) -> list[tuple[int, Event]]:
    """At which sample there was which event."""
    streak, out = NONE, []
    for number, sample in enumerate(samples, 1):
        streak, event = followed(streak, sample, needed)
        out += [(number, event)] if event else []
    return out


def test_five_samples_in_a_row_are_an_event() -> None:
    (number, event), *more = events([IDLE, *[BUSY] * 5])
    assert (number, event, more) == (6, Event(0.5, event.used, 500.0, 1.0), [])
    assert event.used == pytest.approx(500.0)


@pytest.mark.parametrize("gap", [IDLE, None], ids=["a calm sample", "none"])
def test_whatever_comes_between_starts_the_count_again(gap: Sample | None) -> None:
    assert events([*[BUSY] * 4, gap, *[BUSY] * 4]) == []


def test_while_it_lasts_it_is_reported_once_a_second() -> None:
    found = [n for n, _ in events([BUSY] * 36)]
    assert found[0] == 5
    assert all(10 <= b - a <= 11 for a, b in itertools.pairwise(found))
    assert len(found) == 4


@pytest.mark.parametrize(
    ("sample", "pinned"),
    [
        (Sample(0.1, 450.0, 500.0, 1, 0), True),
        (Sample(0.1, 449.0, 500.0, 1, 0), False),
        (Sample(0.1, 300.0, 500.0, 1, 1), True),
        (Sample(0.1, 200.0, 500.0, 1, 1), False),
        (Sample(0.2, 300.0, 500.0, 2, 1), False),
        (Sample(0.1, 300.0, 500.0, 0, 0), False),
        (Sample(0.1, 9000.0, None, 0, 0), False),
    ],
    ids=[
        "90 %",
        "less",
        "throttled",
        "throttled a moment ago",
        "in half of its periods",
        "no period ended",
        "no limit",
    ],
)
def test_one_sample(sample: Sample, pinned: bool) -> None:
    assert sample.pinned is pinned


def test_another_quota_starts_the_count_again() -> None:
    bigger = Sample(0.1, 1000.0, 1000.0, 1, 1)
    found = events([*[BUSY] * 4, *[bigger] * 5])
    assert [(n, e.quota) for n, e in found] == [(9, 1000.0)]
    assert found[0][1].used == pytest.approx(1000.0)


HALF: Any = pytest.approx(500.0)
A = Counters(1_000_000, 10, 5, 500.0)


@pytest.mark.parametrize(
    ("after", "seconds", "expected"),
    [
        (Counters(1_050_000, 11, 6, 500.0), 0.1, Sample(0.1, HALF, 500.0, 1, 1)),
        (Counters(1_050_000, 11, 6, 1000.0), 0.1, Sample(0.1, HALF, None, 1, 1)),
        (Counters(5, 0, 0, 500.0), 0.1, None),
        (Counters(1_050_000, 0, 0, 500.0), 0.1, None),
        (Counters(1_250_000, 15, 10, 500.0), 0.5, None),
        (A, 0.0, None),
    ],
    ids=["usual", "quota changed", "counter reset", "periods reset", "too late", "no time"],
)
def test_between_two_readings(after: Counters, seconds: float, expected: Sample | None) -> None:
    assert between(A, after, seconds) == expected


SOON: Any = pytest.approx(0.43, abs=0.011)
FOUR = Streak(4, 0.4, 200.0, 4, 4, 500.0)


@pytest.mark.parametrize(
    ("begun", "event"),
    [
        (Sample(0.02, 1000.0, 500.0, 0, 0), Event(SOON, HALF, 500.0, 1.0)),
        (Sample(0.04, 500.0, 500.0, 1, 1), Event(SOON, HALF, 500.0, 1.0)),
        (Sample(0.01, 1000.0, 500.0, 0, 0), None),
        (Sample(0.05, 440.0, 500.0, 0, 0), None),
        (Sample(0.04, 1000.0, 1000.0, 0, 0), None),
        (Sample(0.04, 500.0, None, 0, 0), None),
        (None, None),
    ],
    ids=["a third", "and more", "less", "slowly", "another quota", "no quota", "unknown"],
)
def test_the_last_sample_is_not_waited_for_to_its_end(
    begun: Sample | None, event: Event | None
) -> None:
    after, found = concluded(FOUR, begun)
    assert found == event
    assert near(FOUR, 5) and near(after, 5) is (event is None)


def test_what_was_said_before_the_sample_was_over_is_not_said_again() -> None:
    streak, event = concluded(FOUR, Sample(0.04, 500.0, 500.0, 1, 1))
    assert event
    after = [streak]
    found = []
    for number in range(16):
        streak, event = followed(after[-1], BUSY, 5)
        after.append(streak)
        found += [number] if event else []
    assert len(found) == 1 and 9 <= found[0] <= 10, "but a second later"


def test_a_small_quota_needs_more_than_a_program_takes_to_end() -> None:
    small = Streak(4, 0.4, 20.0, 4, 4, 50.0)
    assert concluded(small, Sample(0.04, 100.0, 50.0, 0, 0))[1] is None
    assert concluded(small, Sample(0.046, 100.0, 50.0, 0, 0))[1] is not None


def kernel(
    busy: float, threads: int, quota: float, seed: int, jitter: float = 0.01
) -> Iterator[Sample | None]:
    """Whole samples of what `readings` says."""
    before, since = Counters(0, 0, 0, quota), 0.0
    for at, after, due in readings(busy, threads, quota, seed, jitter):
        if due:
            yield between(before, after, at - since)
            before, since = after, at


def reported(busy: float, threads: int, quota: float, seed: int) -> Iterator[float]:
    """When an agent reports, that looks each 10 ms once a container is near."""
    streak, before, since = NONE, Counters(0, 0, 0, quota), 0.0
    for at, after, due in readings(busy, threads, quota, seed, 0.01):
        sample = between(before, after, at - since)
        if due:
            streak, event = followed(streak, sample, 5)
            before, since = after, at
        elif near(streak, 5):
            streak, event = concluded(streak, sample)
        else:
            continue
        if event:
            yield at


def readings(
    busy: float, threads: int, quota: float, seed: int, jitter: float
) -> Iterator[tuple[float, Counters, bool]]:
    """Of a container under CFS, busy for `busy` seconds and idle for 0.8, in turn, each 10 ms and
    (True) at the end of a sample.

    Millisecond by millisecond: the quota of a period is used up by as many threads as there are.
    """
    chance = random.Random(seed)
    cpu = periods = throttled = 0.0
    left, ran, pinched = quota / 10, False, False
    at, due, start = 0.0, 0.1 + chance.uniform(0, 0.1), chance.uniform(0, 0.1)
    while at < 20.0:
        wants = at >= start and (at - start) % (busy + 0.8) < busy
        if wants:
            ran = True
            used = min(left, threads)
            cpu, left, pinched = cpu + used * 1000, left - used, pinched or left - used <= 0
        at += 0.001
        if round(at * 1000) % 100 == 0:
            periods, throttled = periods + ran, throttled + (ran and pinched)
            left, ran, pinched = quota / 10, False, False
        over = at >= due
        if over or round(at * 1000) % 10 == 0:
            yield at, Counters(int(cpu), int(periods), int(throttled), quota), over
        if over:
            due += 0.1 + chance.uniform(0, jitter)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("threads", "quota"), [(1, 500.0), (1, 200.0), (2, 500.0), (4, 1000.0)])
def test_bursts_of_less_than_three_tenths_of_a_second_are_nothing(
    seed: int, threads: int, quota: float
) -> None:
    busy = random.Random(seed).uniform(0.05, 0.299)
    assert not events(kernel(busy, threads, quota, seed))
    assert not [*reported(busy, threads, quota, seed)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("threads", "quota"), [(1, 500.0), (2, 500.0), (4, 2000.0)])
def test_a_busy_loop_is_reported_within_six_tenths_of_a_second(
    seed: int, threads: int, quota: float
) -> None:
    found = events(kernel(19.0, threads, quota, seed))
    assert found and found[0][0] <= 8
    assert found[0][1].used >= 0.85 * quota


@pytest.mark.parametrize(("threads", "quota"), [(1, 500.0), (2, 500.0), (4, 2000.0)])
def test_looks_make_it_quicker_and_never_slower(threads: int, quota: float) -> None:
    gained = []
    for seed in range(20):
        whole = (at for at, _, due in readings(19.0, threads, quota, seed, 0.01) if due)
        number = events(kernel(19.0, threads, quota, seed))[0][0]
        usual = next(itertools.islice(whole, number - 1, None))
        gained.append(usual - next(reported(19.0, threads, quota, seed)))
    assert min(gained) >= 0.0
    assert sum(gained) / len(gained) > 0.03
