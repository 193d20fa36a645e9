"""A scaler that is restarted goes on as if it had not been, with what is in the history."""

import dataclasses
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kube import timestamps
from scaler import recording
from scaler.history.history import History
from scaler.memory import Memory
from scaler.permissions import Permissions
from scaler.settings import Settings
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Reading
from store.model import Phase, Workload
from tests.unit.scaler.builders import MI, NOW
from tests.unit.scaler.world import PODS, PODSIZE, RC, World

WEB = Workload("v1", "ReplicationController", "shop", "web")
INTERVAL = 5.0


class Restarted(World):
    """A world in which usage is read as counters, and whose scaler may be killed."""

    def __init__(self, directory: Path | None, idle: float = 300.0, **annotations: Any) -> None:
        self.directory, self.millicores, self.seconds = directory, 100.0, dict[str, float]()
        super().__init__()
        self.annotate(mode="auto", **annotations)
        self.run(idle)

    def start(self, **settings: Any) -> None:
        super().start()
        self.load = None  # type: ignore[assignment]
        own = Settings(history_path=self.directory)
        given = own, Memory(), Windows()
        self.loop = dataclasses.replace(self.loop, settings=own, memory=given[1], windows=given[2])
        self.recording = self.loop.recording = recording.of(*given, lambda degraded: None)
        self.recording.start()
        self.recording.take_up()

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> float:
        """Cycles and readings; the time at which `until` was so, or the end."""
        end = self.now + seconds
        while self.now < end and not until():
            self.read()
            self.cycle(seconds=INTERVAL)
            while self.recording.recorder and self.recording.recorder.given:
                time.sleep(0.001)  # minutes pass in milliseconds here, and none may be replaced
        return self.now

    def read(self) -> None:
        """One reading of each pod."""
        found = []
        for pod in self.api.list(PODS):
            name = pod["metadata"]["name"]
            begun = timestamps.seconds(pod["metadata"]["creationTimestamp"]) or 0.0
            self.seconds.setdefault(name, 0.0)
            self.seconds[name] += INTERVAL * self.millicores / 1000
            reading = Reading(self.now, self.now, self.seconds[name], MI, begun)
            found.append(Sample("shop", name, "nginx", reading))
        self.loop.windows.take_in(found, self.now)

    def written(self) -> None:
        """What was handed over is in the file."""
        self.recording.stop()

    def killed(self) -> None:
        """A new process. What the old one has not written yet is lost."""
        self.written()
        self.start()

    def doubled(self) -> bool:
        return self.status.size is not None


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path


def rise(directory: Path | None, killed_after: float | None = None, shift: float = 0.0) -> float:
    """Seconds from a rise of the load to the decision; the kill comes without a warning."""
    world = Restarted(directory)
    world.run(shift)
    world.millicores, began = 490.0, world.now
    if killed_after is not None:
        world.run(killed_after)
        world.killed()
    return world.run(400, world.doubled) - began


@pytest.mark.parametrize("shift", [0.0, 15.0, 45.0], ids=lambda s: f"{s:.0f}s past the minute")
@pytest.mark.parametrize("after", [10.0, 30.0, 50.0], ids=lambda s: f"{s:.0f}s into it")
def test_a_rise_is_answered_as_soon_as_without_the_kill_in_its_middle(
    directory: Path, after: float, shift: float
) -> None:
    assert rise(directory, after, shift) == rise(None) == 55.0


def test_without_a_history_a_new_minute_begins() -> None:
    assert rise(None, 50.0) > 100.0


def quiet(directory: Path | None, *restarts: float) -> float:
    """Seconds until an idle container is halved."""
    world = Restarted(directory, cpu_min="100m")
    began = world.now
    for seconds in restarts:
        world.run(seconds)
        world.killed()
    return world.run(3 * 1800, world.doubled) - began


def test_a_halving_comes_no_later_for_restarts_on_the_way(directory: Path) -> None:
    undisturbed = quiet(None)
    assert undisturbed < 1800
    assert quiet(directory, 400.0, 333.0, 47.0) == undisturbed
    assert quiet(None, 400.0, 333.0, 47.0) > undisturbed + 300


def test_long_windows_go_on_where_they_were(directory: Path) -> None:
    world = Restarted(directory, policy="track")
    world.run(1200)
    known = world.loop.memory.long[WEB]["nginx"]
    assert known.minutes > 15
    world.killed()
    taken_up = world.loop.memory.long[WEB]["nginx"]
    assert taken_up.minutes >= known.minutes - 1
    assert taken_up.slots[0].memory == known.slots[0].memory
    world.run(300)
    assert world.loop.memory.long[WEB]["nginx"].minutes >= known.minutes + 4


def test_the_minutes_and_the_changes_are_in_the_file(directory: Path) -> None:
    world = Restarted(directory)
    world.millicores = 490.0
    world.run(400, world.doubled)
    world.run(400)
    world.written()
    history = History(str(directory / recording.FILE))
    rows = history.minutes(WEB, "nginx", NOW, world.now)
    gaps = [b.at - a.at for a, b in pairwise(rows)]
    assert (set(gaps), gaps.count(60) > 5) == ({60, 180}, True), "new pods have no minute at first"
    assert rows[0].cpu_mean < 110 < 480 < max(r.cpu_mean for r in rows)
    assert (rows[0].cpu_limit, rows[0].memory_request) == (500, 64 * MI)
    assert history.changes(WEB, NOW, world.now) == world.status.changes


def test_the_minute_that_decides_is_in_the_file_though_it_is_the_pods_only_one(
    directory: Path,
) -> None:
    world = Restarted(directory, idle=2 * INTERVAL)
    world.millicores = 490.0
    assert world.run(400, world.doubled) < NOW + 180
    world.written()
    [row, *_] = History(str(directory / recording.FILE)).minutes(WEB, "nginx", NOW - 60, world.now)
    assert (row.cpu_mean, row.cpu_limit) == (490, 500)


@pytest.mark.parametrize("first", [PODSIZE, RC], ids=["PodSize", "workload"])
def test_the_change_and_the_last_words_of_one_that_is_deleted_within_the_minute_are_in_the_file(
    directory: Path, first: str
) -> None:
    world = Restarted(directory)
    world.millicores = 490.0
    world.run(400, world.doubled)
    world.run(60, lambda: world.status.phase is Phase.SETTLED)
    world.run(INTERVAL)
    said = world.status
    for gone in dict.fromkeys((first, RC, PODSIZE)):
        world.api.remove(gone)
        world.run(INTERVAL)
    world.written()
    history = History(str(directory / recording.FILE))
    assert history.changes(WEB, NOW, world.now) == said.changes != ()
    [(workload, last)] = history.gone().items()
    assert (workload, last.phase, last.reason, last.message) == (
        WEB,
        said.phase,
        said.reason,
        said.message,
    )
    assert NOW < last.at <= world.now


def test_who_is_not_the_leader_writes_nothing(directory: Path) -> None:
    world = Restarted(directory)
    world.written()
    before = [r.at for r in History(str(directory / recording.FILE)).minutes(WEB, "nginx", 0, 1e12)]
    world.start()
    world.loop = dataclasses.replace(world.loop, permissions=Permissions(leader=lambda: False))
    world.run(300)
    world.loop.leave(world.now)
    world.written()
    after = [r.at for r in History(str(directory / recording.FILE)).minutes(WEB, "nginx", 0, 1e12)]
    assert before == after != []


def test_a_process_that_ends_before_its_first_cycle_spoils_nothing(directory: Path) -> None:
    world = Restarted(directory, policy="track")
    world.killed()
    long = world.loop.memory.long
    assert long
    world.loop.leave(world.now)
    world.killed()
    assert world.loop.memory.long == long


def test_a_change_of_a_process_that_ends_before_its_first_usage_is_in_the_file(
    directory: Path,
) -> None:
    world = Restarted(directory)
    world.killed()
    container = {"name": "nginx", "limits": {"cpu": "300m"}, "requests": {"cpu": "300m"}}
    found = world.api.objects[PODSIZE]
    world.api.set(PODSIZE, {**found, "spec": {**found["spec"], "containers": [container]}})
    world.cycle(3)
    [change] = world.status.changes
    world.loop.leave(world.now)
    world.written()
    history = History(str(directory / recording.FILE))
    assert history.changes(WEB, NOW, world.now) == (change,)


def test_a_file_that_cannot_be_kept_holds_nothing_up(directory: Path) -> None:
    (directory / recording.FILE).mkdir()
    assert rise(directory) == 55.0
