"""Clocks and heat from a folder that is laid out as the kernel lays out /sys/devices."""

import os
import shutil
from pathlib import Path

import pytest

from agent.heat import Summary
from agent.sysfs import Clocks
from tests.unit.agent.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def minute(clocks: Clocks, began: float = 0.0) -> Summary | None:
    """All samples of one, and the next: what is known."""
    for number in range(600):
        assert clocks.sample(began + number / 10) is None
    return clocks.sample(began + 60.0)


def read(clocks: Clocks, monkeypatch: pytest.MonkeyPatch, at: float) -> list[str]:
    """The files that are read at a sample."""
    found: list[str] = []
    usual = os.open

    def counted(path: str, flags: int) -> int:
        found.append(path)
        return usual(path, flags)

    with monkeypatch.context() as patched:
        patched.setattr("agent.sysfs.os.open", counted)
        clocks.sample(at)
    return found


def test_a_minute_has_the_mean_the_lowest_and_what_was_allowed(machine: Machine) -> None:
    machine.clock(0, 300)
    machine.clock(4, 1200, allowed=1200)
    clocks = Clocks(machine.cpus, machine.platform)
    for number in range(300):
        clocks.sample(number / 10)
    machine.clock(4, 600, allowed=1200)
    for number in range(300, 600):
        clocks.sample(number / 10)
    found = clocks.sample(60.0)
    assert found and found.clock == pytest.approx(0.6, abs=0.01)
    assert (found.lowest, found.allowed, found.throttles) == (0.4, 0.8, None)


def test_throttles_are_those_of_this_minute(machine: Machine) -> None:
    machine.throttled(0, 7, 900)
    machine.throttled(1, 7, 900)
    clocks = Clocks(machine.cpus, machine.platform)
    clocks.sample(0.0)
    machine.throttled(0, 8, 904)
    machine.throttled(1, 8, 904)
    assert clocks.sample(60.0) == Summary(60.0, throttles=4)
    assert clocks.sample(120.0) == Summary(60.0, throttles=0), "those are counted already"


def test_a_raspberry_pi_says_it_by_its_firmware(machine: Machine) -> None:
    machine.clock(0, 1500)
    machine.firmware(0xE0000)
    clocks = Clocks(machine.cpus, machine.platform)
    assert minute(clocks) == Summary(60.0, 1.0, 1.0, 1.0, 0)
    machine.firmware(0xE0008)
    assert minute(clocks, 60.0) == Summary(60.0, 1.0, 1.0, 1.0, 1)
    assert minute(clocks, 120.0) == Summary(60.0, 1.0, 1.0, 1.0, 1), "it still does"


def test_where_there_are_no_such_files_nothing_is_said_and_nothing_read(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks = Clocks(machine.cpus, machine.platform)
    assert minute(clocks) is None
    assert read(clocks, monkeypatch, 61.0) == []
    shutil.rmtree(machine.cpus)
    assert minute(Clocks(machine.cpus, machine.platform / "none")) is None


def test_a_sample_reads_one_cpu(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for policy in range(64):
        machine.clock(policy, 1000)
        machine.throttled(policy, 0, 0)
    clocks = Clocks(machine.cpus, machine.platform)
    clocks.sample(0.0)
    assert len(read(clocks, monkeypatch, 0.1)) == 2


def test_cpus_come_and_go(machine: Machine) -> None:
    machine.clock(0, 1500)
    machine.clock(1, 1500)
    machine.throttled(1, 3, 3)
    clocks = Clocks(machine.cpus, machine.platform)
    clocks.sample(0.0)
    shutil.rmtree(machine.cpus / "cpufreq" / "policy0")
    shutil.rmtree(machine.cpus / "cpu1")
    for number in range(1, 600):
        clocks.sample(number / 10)
    assert clocks.sample(60.0) == Summary(60.0, 1.0, 1.0, 1.0, None)
    shutil.rmtree(machine.cpus / "cpufreq" / "policy1")
    for at in (90.0, 120.0):
        clocks.sample(at)
    assert minute(clocks, 120.1) is None


@pytest.mark.parametrize("text", ["<unsupported>\n", "<unknown>\n", "", "0\n"])
def test_a_clock_that_nobody_knows_is_not_known(machine: Machine, text: str) -> None:
    machine.clock(0, 1500)
    (machine.cpus / "cpufreq" / "policy0" / "scaling_cur_freq").write_text(text)
    assert minute(Clocks(machine.cpus, machine.platform)) is None


def test_what_was_before_a_connection_counts_for_nobody(machine: Machine) -> None:
    machine.throttled(0, 1, 1)
    clocks = Clocks(machine.cpus, machine.platform)
    clocks.sample(0.0)
    clocks.forget()
    machine.throttled(0, 5, 5)
    assert clocks.sample(70.0) is None
    assert clocks.sample(130.0) == Summary(60.0, throttles=0)


def test_an_agent_that_was_held_up_for_long_says_what_fits_into_a_message(machine: Machine) -> None:
    machine.throttled(0, 1, 1)
    clocks = Clocks(machine.cpus, machine.platform)
    clocks.sample(0.0)
    assert clocks.sample(90_000.0) == Summary(3600.0, throttles=0)


def test_this_machine_can_be_read() -> None:
    """Whatever it has: a machine with no such file says nothing."""
    minute(Clocks())
