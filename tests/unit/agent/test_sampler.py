"""The sampler over cgroups in a folder: which containers it finds, and what it tells of them."""

import os
from dataclasses import dataclass
from errno import ENODEV
from pathlib import Path

import pytest

from agent.sampler import PATIENT, Sampler
from agent.sysfs import Clocks
from agent.tree import mounted
from link.messages import Count, Counted, FromAgent, Killed, Minute, NodeMinute, Pinned
from tests.unit.agent.cgroups import POD, Node
from tests.unit.agent.machine import Machine

A, B = "a" * 64, "b" * 64
OTHER = "11111111-2222-3333-4444-555555555555"


@dataclass
class World:
    """A node, a clock and the sampler."""

    node: Node
    at: float = 100.0
    cpu: int = 0
    periods: int = 0

    def __post_init__(self) -> None:
        self.sampler = Sampler(mounted(self.node.root), 5, lambda: self.at)

    def passes(self, *, busy: bool, limit: int = 500, samples: int = 1) -> list[FromAgent]:
        """Samples of 100 ms of container A."""
        out: list[FromAgent] = []
        for _ in range(samples):
            self.at += 0.1
            self.cpu += limit * 100 if busy else 0
            self.periods += busy
            more = {"periods": self.periods, "throttled": self.periods}
            self.node.write(A, self.cpu, limit=limit, **more)
            out += self.sampler.sample()
        return out


@pytest.fixture(params=[1, 2], ids=["v1", "v2"])
def world(tmp_path: Path, request: pytest.FixtureRequest) -> World:
    made = World(Node(tmp_path, request.param))
    made.node.write(A, 0)
    return made


def test_half_a_second_at_the_limit_is_reported_with_its_figures(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    assert world.passes(busy=False, samples=3) == []
    assert world.passes(busy=True, samples=4) == []
    (found,) = world.passes(busy=True)
    assert isinstance(found, Pinned)
    assert (found.container, found.quota, found.throttled) == (A, 500.0, 1.0)
    assert found.seconds == pytest.approx(0.5)
    assert found.used == pytest.approx(500.0)


def test_a_container_that_nobody_counts_is_not_even_opened(world: World) -> None:
    before = len(os.listdir("/proc/self/fd"))
    assert world.passes(busy=True, samples=10) == []
    world.sampler.count(Count([Counted(A, OTHER)]))
    assert world.passes(busy=True, samples=10) == [], "another pod's"
    assert len(os.listdir("/proc/self/fd")) == before
    assert world.sampler.sampled == 0


def test_containers_come_and_go(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD), Counted(B, POD)]))
    world.passes(busy=False, samples=2)
    assert world.sampler.sampled == 1
    world.node.write(B, 0)
    world.passes(busy=False, samples=11)
    assert world.sampler.sampled == 2
    before = len(os.listdir("/proc/self/fd"))
    world.sampler.count(Count([Counted(B, POD)]))
    assert world.sampler.sampled == 1
    assert len(os.listdir("/proc/self/fd")) < before, "its files are closed"


def test_one_that_never_comes_is_looked_for_less_and_less_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[float] = []

    def nothing(*_: object) -> dict[str, str]:
        looked.append(world.at)
        return {}

    monkeypatch.setattr("agent.sampler.tree.found", nothing)
    world.sampler.count(Count([Counted(B, POD)]))
    for _ in range(1200):
        world.at += 0.1
        world.sampler.sample()
    soon = [at for at in looked if at < 100 + PATIENT]
    assert len(soon) <= 31 and len(looked) - len(soon) <= 4


def test_a_bigger_quota_ends_it(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    found = world.passes(busy=True, samples=6)
    found += world.passes(busy=True, limit=1000, samples=4)
    assert [m.quota for m in found if isinstance(m, Pinned)] == [500.0]
    found = world.passes(busy=True, limit=1000, samples=3)
    assert [m.quota for m in found if isinstance(m, Pinned)] == [1000.0]


def test_a_quota_that_changes_while_it_is_idle_is_known_within_a_second(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    world.passes(busy=False, samples=3)
    world.passes(busy=False, limit=1000, samples=11)
    found = world.passes(busy=True, limit=1000, samples=5)
    assert [m.quota for m in found if isinstance(m, Pinned)] == [1000.0]


def test_of_an_idle_container_one_file_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    world.passes(busy=False, samples=3)
    read: list[int] = []
    usual = os.pread

    def counted(fd: int, size: int, at: int) -> bytes:
        read.append(fd)
        return usual(fd, size, at)

    monkeypatch.setattr("agent.container.os.pread", counted)
    world.passes(busy=False, samples=5)
    assert len(read) == 5 and len(set(read)) == 1
    world.passes(busy=True)
    assert len(set(read)) > 1


def test_a_counter_that_goes_back_is_another_container(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    world.passes(busy=True, samples=4)
    world.cpu = world.periods = 0
    assert world.passes(busy=True, samples=5) == []


def test_kills_are_reported_once(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    world.node.write(A, 0, kills=1)
    world.sampler.sample()
    world.node.write(A, 0, kills=3)
    found: list[FromAgent] = []
    for _ in range(40):
        world.at += 0.1
        found += world.sampler.sample()
    assert found == [Killed(A, 2)], "what was before it counted is no news"


def test_once_a_minute_its_largest_tenth_of_a_second_is_reported(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    world.passes(busy=True, samples=2)
    found = [m for m in world.passes(busy=False, samples=620) if isinstance(m, Minute)]
    assert len(found) == 1
    assert found[0].seconds == pytest.approx(60.0, abs=1.1)
    assert found[0].peak == pytest.approx(500.0)
    assert found[0].mean == pytest.approx(500.0 / 600, rel=0.1)
    assert found[0].throttled == 1.0


def test_a_folder_that_is_no_cgroup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="cpu controller"):
        mounted(tmp_path)


def test_once_a_minute_the_node_says_its_clock_and_its_heat(world: World, tmp_path: Path) -> None:
    machine = Machine(tmp_path / "devices")
    machine.clock(0, 750)
    machine.throttled(0, 1, 1)
    world.sampler.clocks = Clocks(machine.cpus, machine.platform)
    assert world.passes(busy=False, samples=700) == [], "nobody counts"
    world.sampler.count(Count([Counted(A, POD)]))
    world.passes(busy=False)
    machine.throttled(0, 3, 3)
    [found] = [m for m in world.passes(busy=False, samples=610) if isinstance(m, NodeMinute)]
    assert found == NodeMinute(found.seconds, 0.5, 0.5, 1.0, 2)
    assert found.seconds == pytest.approx(60.0, abs=0.2)
    world.sampler.count(Count([]))
    assert world.passes(busy=False, samples=700) == []


def test_the_fifth_sample_is_looked_at_before_it_is_over(world: World) -> None:
    world.sampler.count(Count([Counted(A, POD)]))
    assert world.passes(busy=True, samples=4) == [] and not world.sampler.near
    assert world.passes(busy=True) == [] and world.sampler.near, "the first reading is no sample"
    assert world.sampler.look() == []
    world.at += 0.04
    world.cpu += 20_000
    world.node.write(A, world.cpu, periods=world.periods, throttled=world.periods)
    [found] = world.sampler.look()
    assert isinstance(found, Pinned) and (found.quota, found.throttled) == (500.0, 1.0)
    assert (found.seconds, found.used) == (pytest.approx(0.44), pytest.approx(500.0))
    assert world.sampler.look() == [] and not world.sampler.near
    assert world.passes(busy=True, samples=5) == [], "and not again for a second"


def test_a_look_at_one_that_has_ended_says_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> bytes:
        raise OSError(ENODEV, "no such device")

    world.sampler.count(Count([Counted(A, POD)]))
    world.passes(busy=True, samples=5)
    assert world.sampler.near
    monkeypatch.setattr("agent.container.os.pread", gone)
    assert world.sampler.look() == []
    assert world.passes(busy=True) == [] and world.sampler.sampled == 0
