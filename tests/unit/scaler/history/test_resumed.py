"""Which stretches of quiet go on after a restart: both rows of the table in resumed.py."""

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.history import resumed
from scaler.model import Stretch
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NOW, pod, view

STRETCH = Stretch(600.0, NOW - 70.0, 200.0)
MINUTE = Minute(100.0, 68.0, MI, NOW)


def kept(minute: Minute | NoMinute, *pods: objects.Pod) -> bool:
    """Whether the stretch goes on; all other pods are quiet."""
    seen = view(*pods)

    def of(pod: objects.Pod, container: str, now: float, covering: float) -> Minute | NoMinute:
        assert (now, covering) == (NOW, STRETCH.at)
        return minute if pod.metadata.name == "web-1" else MINUTE

    got = resumed.stretches({seen.workload: {"nginx": STRETCH}}, [seen], of, NOW)
    assert got in ({}, {seen.workload: {"nginx": STRETCH}})
    return bool(got)


def test_a_stretch_goes_on_where_quiet_minutes_cover_the_time_since() -> None:
    assert kept(MINUTE)


@pytest.mark.parametrize(
    "minute",
    [
        Minute(250.0, 68.0, MI, NOW),
        Minute(100.0, 68.0, MI, NOW, throttled=0.9),
        Minute(100.0, 60.0, MI, NOW),
    ],
    ids=["busy", "throttled", "does not cover it"],
)
def test_a_stretch_is_left_out_where_one_of_the_minutes_breaks_it(minute: Minute) -> None:
    assert not kept(minute)


def test_a_stretch_is_left_out_where_the_minute_of_a_container_is_unknown_that_runs_for_long() -> (
    None
):
    status = [{"name": "nginx", "state": {"running": {"startedAt": "2026-11-20T00:00:00Z"}}}]
    web = pod("web-1")
    running = msgspec.convert(status, list[objects.ContainerStatus])
    old = replace(web, status=replace(web.status, container_statuses=running))
    unknown = NoMinute(Reason.STALE_USAGE, "as given")
    assert not kept(unknown, old, pod("web-2"))
    assert kept(unknown, web, pod("web-2")), "one that has just been created"


def test_a_workload_that_is_gone_has_none() -> None:
    of = Windows().minute
    assert resumed.stretches({view().workload: {"nginx": STRETCH}}, [], of, NOW) == {}
