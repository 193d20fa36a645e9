"""What is said of agents and bursts: the table of explain/agents.py."""

import pytest
from msgspec.structs import replace

from kube import timestamps
from link.messages import NodeMinute
from scaler.agents.counting import NodeSummary
from scaler.annotations.options import BadAnnotation, ContainerPolicy, Mode, Settings, Strategy
from scaler.cluster.view import View
from scaler.explain.agents import SILENT, Known, said
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
        (NOW - SILENT, "one: its agent tells of it; clock and heat not known"),
        (NOW - SILENT - 1, "one: its agent is silent since 2026-11-23T"),
        (None, "one: no agent tells of it, so its minutes decide"),
    ],
)
def test_of_each_node_whether_its_agent_tells_of_it(at: float | None, words: str) -> None:
    found = said(workload(), Known(lambda node: at if node == "one" else None), NOW, 3)
    assert found[0].startswith(words)


def test_how_many_bursts_are_left() -> None:
    changes = (raised(10.0), raised(599.0), raised(601.0))
    found = said(workload(changes=changes), Known(lambda node: NOW), NOW, 3)
    assert found[1] == "nginx: raised 2 times in ten minutes, 1 of 3 bursts are left"
    assert "0 of 1 bursts" in said(workload(changes=changes), Known(lambda node: NOW), NOW, 1)[1]


def test_beside_the_scaler_nobody_hears_agents() -> None:
    assert said(workload(), Known(), NOW, 3)[0].startswith("whether agents tell of its nodes is")


def test_without_bursts_there_is_nothing_to_say() -> None:
    assert said(replace(workload(), settings=AUTO), Known(lambda node: NOW), NOW, 3) == []
    assert said(replace(workload(), settings=None), Known(lambda node: NOW), NOW, 3) == []


HOT = NodeSummary(NOW, NodeMinute(60.0, 0.81, 0.6, 0.75, 3))
WORDS = (
    "one: in the last minute its fastest CPU ran at 81 % of its highest clock, 60 % at the lowest, "
    "75 % allowed, held back by its hardware: 3 times"
)


def test_heat_is_said_of_any_workload_whose_nodes_know_it() -> None:
    known = Known(lambda node: NOW, lambda node: HOT if node == "one" else None)
    assert said(replace(workload(), settings=AUTO), known, NOW, 3) == [WORDS]
    assert said(workload(), known, NOW, 3)[0] == WORDS.replace("in", "its agent tells of it; in", 1)
