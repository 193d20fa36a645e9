"""What is said of agents and bursts: the table of explain/agents.py."""

import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.annotations.options import BadAnnotation, ContainerPolicy, Mode, Settings, Strategy
from scaler.cluster.view import View
from scaler.explain.agents import SILENT, said
from store.model import Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import AUTO, NOW, view
from tests.unit.scaler.running import running

BURST = Settings(Mode.AUTO, ContainerPolicy("double", burst=True), strategy=Strategy.RESIZE)


def workload(
    settings: Settings | BadAnnotation | None = BURST, changes: tuple[Change, ...] = ()
) -> View:
    """A pod on node `one`."""
    made = running("web-1", {"nginx": "a" * 64})
    return view(made, settings=settings, status=Status(changes=changes))


def raised(ago: float) -> Change:
    return Change(timestamps.text(NOW - ago), 2, "nginx", "cpu", "500m", "1", Reason.DOUBLED)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - SILENT, "one: its agent tells of it"),
        (NOW - SILENT - 1, "one: its agent is silent since 2026-11-23T"),
        (None, "one: no agent tells of it, so its minutes decide"),
    ],
)
def test_of_each_node_whether_its_agent_tells_of_it(at: float | None, words: str) -> None:
    found = said(workload(), lambda node: at if node == "one" else None, NOW, 3)
    assert found[0].startswith(words)


def test_how_many_bursts_are_left() -> None:
    changes = (raised(10.0), raised(599.0), raised(601.0))
    found = said(workload(changes=changes), lambda node: NOW, NOW, 3)
    assert found[1] == "nginx: raised 2 times in ten minutes, 1 of 3 bursts are left"
    assert "0 of 1 bursts" in said(workload(changes=changes), lambda node: NOW, NOW, 1)[1]


def test_beside_the_scaler_nobody_hears_agents() -> None:
    assert said(workload(), None, NOW, 3)[0].startswith("whether agents tell of its nodes is")


def test_without_bursts_there_is_nothing_to_say() -> None:
    assert said(replace(workload(), settings=AUTO), lambda node: NOW, NOW, 3) == []
    assert said(replace(workload(), settings=None), lambda node: NOW, NOW, 3) == []
