"""Which containers agents sample: the table of counted_containers.py."""

import pytest
from msgspec.structs import replace

from link.messages import MOST_CONTAINERS, Counted
from scaler.agents.counting import Counting
from scaler.annotations.enrolment import enrolment
from scaler.cluster.counted_containers import counted
from scaler.policies.table import NAMES
from tests.unit.scaler.builders import NGINX, ours, size, view
from tests.unit.scaler.running import running

A, B = "a" * 64, "b" * 64
TWO = {**NGINX, "side": size((100, 100))}
POD = running("web-1", {"nginx": A, "side": B}, TWO)


def counting(*pods: object, **annotations: str) -> Counting:
    """Of a workload with these annotations."""
    settings = enrolment(ours(annotations), None, None, NAMES)
    seen = view(*(pods or (POD,)))  # type: ignore[arg-type]
    return counted([replace(seen, settings=settings)])


BOTH = [Counted(A, "uid-web-1"), Counted(B, "uid-web-1")]


@pytest.mark.parametrize(
    ("annotations", "listed", "bursting"),
    [
        ({"mode": "auto"}, BOTH, set()),
        ({"mode": "observe"}, BOTH, set()),
        ({"mode": "off"}, [], set()),
        ({}, [], set()),
        ({"mode": "auto", "policy": "dubble"}, [], set()),
        ({"mode": "auto", "mode.side": "off"}, BOTH[:1], set()),
        ({"mode": "auto", "strategy": "resize", "burst": "on"}, BOTH, {A, B}),
        ({"mode": "auto", "strategy": "resize", "burst.side": "on"}, BOTH, {B}),
        ({"mode": "auto", "strategy": "resize", "burst": "on", "burst.side": "off"}, BOTH, {A}),
    ],
    ids=[
        *("enrolled", "observed", "opted out", "not enrolled", "malformed", "one switched off"),
        *("all burst", "one bursts", "one does not"),
    ],
)
def test_by_annotations(
    annotations: dict[str, str], listed: list[Counted], bursting: set[str]
) -> None:
    found = counting(**annotations)
    assert [*found.nodes.get("one", ())] == listed
    assert found.bursting == bursting


def test_what_does_not_run_does_not_count() -> None:
    assert not counting(running("web-1", {"nginx": A}, runs=False), mode="auto").nodes.get("one")


def test_a_node_has_as_many_as_one_message_holds() -> None:
    pods = [running(f"web-{n}", {"nginx": f"{n:064x}"}) for n in range(MOST_CONTAINERS + 5)]
    found = counting(*pods, mode="auto", strategy="resize", burst="on")
    assert len(found.nodes["one"]) == len(found.bursting) == MOST_CONTAINERS
