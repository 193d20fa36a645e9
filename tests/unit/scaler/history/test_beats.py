"""Readings that are written as they come, and put together again."""

import pytest
from msgspec.structs import replace

from scaler.history import beats
from scaler.history.beats import Readings
from scaler.usage import window
from scaler.usage.kernel import Kernel
from scaler.usage.window import Reading
from tests.unit.scaler.history.entries import START

KEY = ("shop", "web-1", "nginx", "node")


def reading(n: int, started: float = START - 600) -> Reading:
    kernel = Kernel(START + 10 * n, 9.0, None, n) if n % 2 else None
    return Reading(START + 10 * n, START + 10 * n + 1, 1.5 * n, n, started, kernel=kernel)


def test_what_was_in_memory_is_put_together_again() -> None:
    now: Readings = {}
    written = []
    for n in range(60):
        before = now
        other = {("shop", "web-2", "nginx", "node"): (reading(n),)} if n % 3 else {}
        now = {KEY: window.add(now.get(KEY, ()), reading(n)), **other}
        written.append(beats.beat(now, before))
        found = beats.together(written[-beats.KEPT :])
        assert found[KEY] == now[KEY]


def test_what_the_kernel_counted_later_belongs_to_the_same_reading() -> None:
    first = {KEY: (reading(2),)}
    counted = replace(reading(2), kernel=Kernel(1.0))
    later = {KEY: window.add(first[KEY], counted)}
    assert later[KEY][0].kernel == Kernel(1.0)
    data = [beats.beat(first, {}), beats.beat(later, first)]
    assert beats.together(data) == later


def test_a_container_that_was_started_again_starts_over() -> None:
    first, later = {KEY: (reading(1), reading(2))}, {KEY: (reading(3, START),)}
    assert beats.together([beats.beat(first, {}), beats.beat(later, first)]) == later


def test_nothing_new_is_nothing_to_write() -> None:
    readings = {KEY: (reading(1),)}
    assert beats.beat(readings, readings) == beats.beat({}, readings) == b""


def test_only_what_is_new_is_written() -> None:
    before = {KEY: tuple(reading(n) for n in range(12))}
    after = {KEY: (*before[KEY], reading(12))}
    assert len(beats.beat(after, before)) < len(beats.beat(after, {})) / 4


def test_what_another_release_wrote_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expected"):
        beats.together([b"\x01"])
