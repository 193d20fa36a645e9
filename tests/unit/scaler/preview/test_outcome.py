"""What would have changed in a workload that is only observed."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from kube import timestamps
from scaler.history.row import Row
from scaler.preview.outcome import Live, Outcome, as_json, observed, outcome
from tests.unit.scaler.builders import MI, NOW, asked, owner, pod, size, view

LIVE = Live()


def rows(*stretches: tuple[int, float], memory: float | None = 20.0) -> list[Row]:
    """Minutes: so many with so many millicores, one stretch after the other; memory in MiB."""
    held = None if memory is None else int(memory * MI)
    used = [cpu for count, cpu in stretches for _ in range(count)]
    return [Row(int(NOW) + 60 * n, 60, cpu, cpu, memory=held) for n, cpu in enumerate(used)]


def observing(found: Sequence[Row], **values: str) -> Outcome:
    settings = asked(**{"mode": "observe", **values})
    return outcome(view(settings=settings), lambda name: found, LIVE)


@pytest.mark.parametrize(
    ("values", "is_it"),
    [
        ({"mode": "observe"}, True),
        ({"mode": "auto"}, False),
        ({"mode": "auto", "mode__nginx": "observe"}, True),
        ({"mode": "off"}, False),
    ],
)
def test_what_is_observed(values: dict[str, str], is_it: bool) -> None:
    assert observed(view(settings=asked(**values))) is is_it


def test_a_rise_would_have_been_followed_with_a_restart_of_each_pod() -> None:
    found = observing(rows((10, 100.0), (5, 500.0), (10, 700.0)))
    [one] = found.containers
    assert (one.before, one.after) == (size(), size((500, 1000)))
    assert found.restarts == 2 * len(found.changes) == 2
    assert found.changes == [timestamps.text(NOW + 60 * 11)]
    assert found.requested("cpu") == (500, 1000)
    assert found.requested("memory") == (128 * MI, 128 * MI)
    assert one.as_it_is.throttled > one.sized.throttled == 0.0


def test_in_place_nothing_would_have_been_restarted() -> None:
    found = observing(rows((10, 100.0), (15, 500.0)), strategy="resize")
    assert found.changes and found.restarts == 0


def test_idle_it_would_request_less_but_never_below_the_manifest_s() -> None:
    idle = rows((24 * 60, 1.0))
    assert observing(idle).requested("cpu") == (500, 500)
    less = observing(idle, policy="track").requested("cpu")
    assert less[1] < less[0] == 500


def test_two_containers_that_change_together_restart_the_pods_once() -> None:
    sizes = {"nginx": size(), "log": size()}
    settings = asked(mode="observe")
    two = view(pod("web-1", sizes), settings=settings, whose=owner(sizes, replicas=1))
    found = outcome(two, lambda name: rows((10, 100.0), (5, 500.0)), LIVE)
    assert [len(c.sizes) for c in found.containers] == [2, 2]
    assert found.restarts == len(found.changes) == 1


def test_what_has_no_usage_is_named_and_never_zero() -> None:
    found = observing([])
    assert (found.containers, found.without) == ([], ["nginx"])
    assert found.requested("cpu") == (0, 0)


def test_unknown_memory_stays_as_the_manifest_has_it() -> None:
    [one] = observing(rows((10, 100.0), (15, 500.0), memory=None)).containers
    assert one.after == size((500, 1000))
    assert one.as_it_is.ooms == one.sized.ooms == 0


def test_only_the_container_that_is_observed_is_looked_at() -> None:
    sizes = {"nginx": size(), "log": size()}
    settings = asked(mode="auto", mode__log="observe")
    found = outcome(view(pod("web-1", sizes), settings=settings), lambda n: rows((9, 9.0)), LIVE)
    assert [c.name for c in found.containers] == ["log"]


def test_json_has_every_size_with_its_time_and_reason() -> None:
    found: Any = as_json(observing(rows((10, 100.0), (15, 500.0))))
    assert (found["restarts"], found["cpuRequested"]) == (2, {"asItIs": 500, "sized": 1000})
    [sizes] = (one["sizes"] for one in found["containers"])
    assert [s["reason"] for s in sizes] == [None, "Doubled"]
    assert all(a["at"] < b["at"] for a, b in pairwise(sizes))
    assert sizes[1]["limits"] == {"cpu": 1000, "memory": 128 * MI}
