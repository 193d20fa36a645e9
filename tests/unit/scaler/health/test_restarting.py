"""Containers that are started again and again: what is reported, and how rarely it changes."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from kube.objects.pods import Probe
from scaler.cluster.view import View
from scaler.health.restarting import again, message
from scaler.model import Wait, Write
from scaler.usage.window import NoMinute
from store.model import Phase
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, pod, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.troubled import ago


def restarted(times: int, *, ended: float = 30, ran: float | None = 88, **probes: Any) -> View:
    """A pod whose container ended `ended` seconds ago, after `ran` seconds."""
    end = {"reason": "Error", "exitCode": 137, "finishedAt": ago(ended)}
    end |= {} if ran is None else {"startedAt": ago(ended + ran)}
    status = {
        "name": "nginx",
        "restartCount": times,
        "ready": True,
        "state": {"running": {"startedAt": ago(5)}},
        "lastState": {"terminated": end},
    }
    one = pod("web-1")
    statuses = msgspec.convert([status], list[objects.ContainerStatus])
    found = {n: msgspec.convert(p, Probe) for n, p in probes.items()}
    containers = [replace(c, **found) for c in one.spec.containers]
    one = replace(
        one,
        spec=replace(one.spec, containers=containers),
        status=replace(one.status, container_statuses=statuses),
    )
    return view(one)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (view(), False),
        (restarted(1), False),
        (restarted(2), True),
        (restarted(9, ended=600), True),
        (restarted(9, ended=601), False),
    ],
)
def test_a_container_that_ended_twice_and_lately_crashes_again_and_again(
    seen: View, expected: bool
) -> None:
    assert again(seen, NOW) is expected


SHORT = "; no minute of its usage can be measured"


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (view(), None),
        (restarted(2), None),
        (restarted(3, ended=700), None),
        (
            restarted(3),
            f"nginx of web-1 was restarted at least 3 times, last after 88 s: Error, exit code"
            f" 137{SHORT}",
        ),
        (
            restarted(7, liveness_probe={}),
            f"nginx of web-1 was restarted at least 4 times, last after 88 s: Error, exit code"
            f" 137{SHORT}; its liveness probe may be what ends it",
        ),
        (
            restarted(19, ran=400, startup_probe={}),
            "nginx of web-1 was restarted at least 16 times, last after 400 s: Error, exit code"
            " 137; its startup probe may be what ends it",
        ),
        (
            restarted(3, ran=None),
            f"nginx of web-1 was restarted at least 3 times, last: Error, exit code 137{SHORT}",
        ),
    ],
    ids=[
        *("never", "twice", "long ago", "three times", "a liveness probe", "a startup probe"),
        "it is not known since when",
    ],
)
def test_a_container_that_is_started_again_and_again_is_reported(
    seen: View, expected: str | None
) -> None:
    assert message(seen, NOW, lambda pod, name: NoMinute(Reason.WARMING_UP, "")) == expected


@pytest.mark.parametrize(("share", "says"), [(0.97, True), (0.5, False), (None, False)])
def test_it_is_said_to_be_throttled_where_that_was_seen(share: float | None, says: bool) -> None:
    young = NoMinute(Reason.WARMING_UP, "", share)
    got = message(restarted(4, liveness_probe={}), NOW, lambda pod, name: young)
    throttled = "; it was throttled in 97 % of its CPU periods, so CPU is what it lacks"
    assert got is not None and got.endswith(throttled) is says


@pytest.mark.parametrize("reason", [Reason.WARMING_UP, Reason.IN_BOUNDS, Reason.STALE_USAGE])
def test_it_is_not_ready_whatever_is_known_of_its_usage(reason: Reason) -> None:
    used: Any = 10.0 if reason is Reason.IN_BOUNDS else reason
    seen = restarted(4, liveness_probe={})
    plan = planned(seen, context(using(nginx=used)))
    assert (plan.standing.phase, plan.standing.reason) == (Phase.BLOCKED, Reason.NOT_READY)
    assert isinstance(plan.action, Write)
    again = carried_out(seen, plan)
    assert isinstance(planned(again, context(using(nginx=Reason.WARMING_UP))).action, Wait)


def test_it_is_helped_where_its_usage_is_known() -> None:
    plan = planned(restarted(4), context(using(nginx=490)))
    assert plan.standing.reason is Reason.DOUBLED
