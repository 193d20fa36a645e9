"""Which messages say the same: figures do not count, names and times do."""

import pytest

from scaler.agents import heat
from scaler.status.meaning import meaning, slow

SLOW = heat.sentence(
    "one", "at 2026-11-23T20:20:00Z (its hardware held CPUs back once in a minute)"
)

SAME = [
    ("nginx used 210m of 500m for 60 s", "sidecar used 1 of 2 for 61 s"),
    ("the container runs for 35 s, its first minute takes 120 s",) * 2,
    ("web-2 is not Ready after 95 s; web-1 stays", "web-2 is not Ready after 101 s; web-1 stays"),
    (
        "0/3 nodes are available: 3 Insufficient cpu.",
        "0/4 nodes are available: 1 Insufficient cpu.",
    ),
    ("at most 600m CPU free", "at most 1 CPU free"),
    ("connection object at 0x7f3a12: refused", "connection object at 0x7f3b99: refused"),
    ("the workload is paused; would be Doubled: a", "the workload is paused; would be Halved: b"),
    (
        "web-1: app used 400m of 400m for 1.5 s, throttled in 100 % of its periods: 3 times",
        "web-2: app used 398m of 400m for 39 s, throttled in 97 % of its periods: 3 times",
    ),
    ("a used 970m of 1 for 60 s; 1100m is above cpu-max, 1", "1200m is above cpu-max, 2"),
    (
        "a used 970m of 1 for 60 s; 1100m is above cpu-max, 1" + SLOW,
        "1200m is above cpu-max, 2",
    ),
]
OTHER = [
    ("web-1 stays until then: its replacement is starting", "web-1 stays until then: it drains"),
    ("web-1 is being replaced", "web-2 is being replaced"),
    ("in back-off until 2026-11-23T20:33:20Z", "in back-off until 2026-11-23T20:43:20Z"),
    ("not Ready: web-7d9f8-abcde", "not Ready: web-7d9f8-12345"),
    (
        "the kubelet at 10.0.0.7:10250 did not answer",
        "the kubelet at 10.0.0.8:10250 did not answer",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_figures_do_not_count(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_anything_else_does(one: str, other: str) -> None:
    assert meaning(one) != meaning(other)


def test_that_a_node_is_slow_is_found_wherever_it_is_said() -> None:
    assert slow(f"nginx used 1 of 1 for 60 s{SLOW}; the last change was 30 s ago")
    assert not slow("nginx used 1 of 1 for 60 s; the last change was 30 s ago")
