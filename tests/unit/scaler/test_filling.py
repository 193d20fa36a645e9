"""What a start takes from a server, and what it leaves: never what the file knew better."""

import logging
import threading
from collections.abc import Collection
from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects
from scaler import filling
from scaler.annotations.options import Settings
from scaler.filling import Filled, Filling
from scaler.history.history import HistoryError
from scaler.history.raw import Container
from scaler.history.row import Row
from scaler.history.server import Server
from scaler.memory import Memory
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, Reading
from store.model import Workload
from tests.unit.scaler.builders import MI, NOW, asked, owner, pod, size, view, workload
from tests.unit.scaler.history.entries import window

DAY = 86400.0
TRACK = asked(policy="track")


def readings(begin: float = NOW - 90) -> tuple[Reading, ...]:
    at = [begin + 15 * n for n in range(6)]
    return tuple(Reading(a, a, a - begin, 2**20, NOW - 3600) for a in at)


def following() -> Reading:
    """The kubelet's own, 5 s after the last of these."""
    last = readings()[-1]
    return replace(last, at=last.at + 5, received=NOW, cpu_seconds=last.cpu_seconds + 5)


class Known(Server):
    """A server that knows one pod's readings, and a row for each minute."""

    def __init__(self) -> None:
        super().__init__("http://prometheus")
        self.spans: list[float] = []
        self.namespaces: list[set[str]] = []

    def readings(self, namespaces: Collection[str]) -> dict[Container, tuple[Reading, ...]]:
        self.namespaces.append({*namespaces})
        return {("shop", name, "nginx"): readings() for name in ("web-1", "stranger")}

    def minutes(
        self, workload: Workload, container: str, since: float, until: float
    ) -> tuple[Row, ...]:
        self.spans.append(until - since)
        times = range(int(since), int(until), 3600)
        return tuple(Row(at, 60, 100.0, 110.0, None, 10 * MI, 20 * MI) for at in times)


class Listed:
    """An observer that has its lists."""

    def __init__(self, missing: Collection[str] = ()) -> None:
        self.missing = lambda: [*missing]

    def snapshot(self) -> object:
        return None


def filled(
    server: Server,
    settings: Any = TRACK,
    windows: Windows | None = None,
    whose: objects.Owner | None = None,
    **more: Any,
) -> tuple[Filled, Memory, Windows]:
    class Seen(Memory):
        def look(self, snapshot: object, now: float) -> Any:
            one = view(pod("web-1"), settings=settings, whose=whose)
            self.seen = replace(self.seen, views={one.workload: one})

    memory, windows = Seen(**more), windows or Windows()
    made = Filling(server, Listed(), memory, windows, lambda: NOW)  # type: ignore[arg-type]
    return made.run(2 * DAY, threading.Event()), memory, windows


def test_a_minute_is_there_at_once_of_the_pods_that_are_enrolled() -> None:
    server = Known()
    done, _, windows = filled(server)
    assert not windows.readings(pod("web-1"), "nginx"), "no kubelet has confirmed them"
    windows.take_in([Sample("shop", "web-1", "nginx", following())], NOW)
    minute = windows.minute(pod("web-1"), "nginx", NOW)
    assert isinstance(minute, Minute) and minute.mean == pytest.approx(1000)
    assert done.readings == 1 and server.namespaces == [{"shop"}]


def test_what_the_file_or_this_process_has_read_is_not_asked_for() -> None:
    windows = Windows()
    own = readings(NOW - 80)[-1]
    windows.take_in([Sample("shop", "web-1", "nginx", own)], NOW)
    server = Known()
    done, _, windows = filled(server, windows=windows)
    assert windows.readings(pod("web-1"), "nginx") == (own,)
    assert done.readings == 0 and server.namespaces == []


def test_a_long_window_is_made_of_minutes_a_day_at_a_time() -> None:
    server = Known()
    done, memory, _ = filled(server)
    made = memory.long[workload()]["nginx"]
    assert server.spans == [DAY, DAY] and done.windows == 1
    assert made.minutes == 48 and made.needed == 10 * MI
    assert made.percentiles(0.9)[0] == pytest.approx(100, rel=0.06)


@pytest.mark.parametrize("settings", [asked(), asked(policy="track", mode="off")])
def test_a_policy_without_a_window_or_a_workload_that_has_left_asks_for_none(
    settings: Settings,
) -> None:
    server = Known()
    done, memory, _ = filled(server, settings)
    assert server.spans == [] and done.windows == 0 and memory.long == {}


def test_a_window_from_the_file_stays() -> None:
    kept = window(3)
    server = Known()
    _, memory, _ = filled(server, long={workload(): {"nginx": kept}})
    assert memory.long[workload()]["nginx"] is kept and server.spans == []


def test_when_time_is_up_the_rest_is_left_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "PATIENCE", -1.0)
    done, memory, _ = filled(Known())
    assert (done.windows, done.left) == (0, 1) and memory.long == {}


def test_a_server_that_fails_is_one_line_and_nothing_is_filled(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Away(Known):
        def readings(self, namespaces: Collection[str]) -> dict[Container, tuple[Reading, ...]]:
            raise HistoryError("refused")

    with caplog.at_level(logging.WARNING):
        done, _, windows = filled(Away())
    assert done == Filled() and not windows.readings(pod("web-1"), "nginx")
    assert [r.message for r in caplog.records] == ["history not filled from the server"]


def test_without_the_first_lists_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "LISTED", 0.15)
    server = Known()
    missing = Listed(["pods"])
    made = Filling(server, missing, Memory(), Windows(), lambda: NOW)  # type: ignore[arg-type]
    assert made.run(DAY, threading.Event()) == Filled() and server.namespaces == []


def test_whatever_goes_wrong_with_a_server_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    class Odd(Known):
        def readings(self, namespaces: Collection[str]) -> dict[Container, tuple[Reading, ...]]:
            raise OverflowError("cannot convert float infinity to integer")

    done, memory, _ = filled(Odd())
    assert done == Filled() and memory.long == {}
    assert "cannot convert" in str(caplog.records[-1].__dict__["error"])


def test_what_was_filled_before_it_failed_stays() -> None:
    class Failing(Known):
        def minutes(self, *asked: Any) -> tuple[Row, ...]:
            if len(self.spans) == 2:
                raise HistoryError("away")
            return super().minutes(*asked)

    both = {"nginx": size(), "proxy": size()}
    done, memory, _ = filled(Failing(), whose=owner(both))
    assert done == Filled() and [*memory.long[workload()]] == ["nginx"]
