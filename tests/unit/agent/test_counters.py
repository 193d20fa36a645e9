"""The kernel's files as numbers: the table of counters.py, with files as kernels write them."""

import pytest

from agent.counters import Counters, field, kills, v1, v2, waited

STAT1 = b"nr_periods 512\nnr_throttled 498\nthrottled_time 30412345678\n"
STAT2 = (
    b"usage_usec 7654321\nuser_usec 7000000\nsystem_usec 654321\ncore_sched.force_idle_usec 0\n"
    b"nr_periods 512\nnr_throttled 498\nthrottled_usec 30412345\nnr_bursts 3\nburst_usec 9\n"
)
OOM1 = b"oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
EVENTS2 = b"low 0\nhigh 7\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n"
PRESSURE = (
    b"some avg10=1.53 avg60=1.20 avg300=0.90 total=123456789\n"
    b"full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n"
)


@pytest.mark.parametrize(
    ("quota", "period", "limit"),
    [
        (b"50000\n", b"100000\n", 500.0),
        (b"200000\n", b"100000\n", 2000.0),
        (b"25000\n", b"50000\n", 500.0),
        (b"-1\n", b"100000\n", None),
        (b"50000\n", b"", None),
    ],
    ids=["500m", "two cores", "another period", "no limit", "no period"],
)
def test_version_1(quota: bytes, period: bytes, limit: float | None) -> None:
    assert v1(b"7654321000\n", STAT1, quota, period) == Counters(7654321, 512, 498, limit)


@pytest.mark.parametrize(
    ("most", "limit"),
    [(b"50000 100000\n", 500.0), (b"max 100000\n", None), (b"", None), (b"25500 100000\n", 255.0)],
    ids=["500m", "no limit", "empty", "255m"],
)
def test_version_2(most: bytes, limit: float | None) -> None:
    assert v2(STAT2, most) == Counters(7654321, 512, 498, limit)


def test_without_a_limit_a_cgroup_has_no_periods() -> None:
    assert v2(b"usage_usec 5\nuser_usec 5\nsystem_usec 0\n", b"max 100000") == Counters(5)


@pytest.mark.parametrize("text", [b"", b"\n", b"gibberish", b"usage_usec x\n"])
def test_what_cannot_be_read_is_unknown_and_never_zero(text: bytes) -> None:
    assert v1(text, STAT1, b"50000", b"100000") is None
    assert v1(b"1", STAT1, text, b"100000") is None
    assert v2(text, b"50000 100000") is None
    assert kills(text) is None
    assert waited(text) is None


def test_kills_and_pressure() -> None:
    assert kills(OOM1) == kills(EVENTS2) == 2
    assert kills(b"oom_kill_disable 0\nunder_oom 0\n") is None, "a kernel before 4.13"
    assert waited(PRESSURE) == 123456789


def test_a_field_is_a_whole_name_at_the_start_of_a_line() -> None:
    assert field(EVENTS2, b"oom") == 3
    assert field(EVENTS2, b"low") == 0
    assert field(b"xoom 1\noom_kill 2\n", b"oom") is None
