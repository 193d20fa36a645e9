"""Every workload in one list: every row of the table in standings.py, and how it is printed."""

import msgspec
import pytest
from msgspec.structs import replace

from kube import objects
from scaler.cluster.snapshot import Snapshot
from scaler.explain import standings
from scaler.explain.remedies import remedy
from scaler.explain.standings import UNSAID, Line
from scaler.explain.target import ASSUMED
from scaler.history.gone import Gone
from scaler.policies.table import NAMES
from store.model import Phase, Status, Workload
from store.reasons import Reason
from store.records import PodCount
from tests.unit.scaler.builders import NOW, ours, owner, pod, podsize
from tests.unit.scaler.snapshots import snapshot

SAID = Status(
    phase=Phase.BLOCKED, reason=Reason.QUOTA, message="no room", pods=PodCount(total=2, current=1)
)
GONE = {Workload("apps/v1", "Deployment", "shop", "old"): Gone(NOW, "Settled", "InBounds", "calm")}


def cluster(status: Status | None = SAID, **annotations: str) -> Snapshot:
    whose = owner(annotations=ours(annotations) if annotations else {})
    kept = [podsize(status)] if status else []
    made = snapshot(pod("a"), owners={"ReplicationController": {("shop", "web"): whose}})
    return replace(made, podsizes={("shop", one.name): one for one in kept})


def listed(shot: Snapshot, namespace: str | None = "shop") -> list[Line]:
    return standings.lines(shot, NAMES, {}, namespace)[0]


def test_an_enrolled_one_has_the_words_of_its_status_and_what_would_change_them() -> None:
    [line] = listed(cluster(mode="auto"), None)
    assert line == Line(
        "shop",
        "ReplicationController/web",
        "1/2",
        "Blocked",
        "Quota",
        "no room",
        remedy(Reason.QUOTA),
    )


@pytest.mark.parametrize(
    ("annotations", "said", "to_act"),
    [
        ({"mode": "auto"}, "nothing has been said of it yet", UNSAID),
        ({"mode": "atuo"}, 'podtailor.io/mode: "atuo" is unknown', remedy(Reason.BAD_ANNOTATION)),
        ({}, "not enrolled", ASSUMED),
    ],
)
def test_one_without_a_status_says_why_it_has_none(
    annotations: dict[str, str], said: str, to_act: str
) -> None:
    [line] = listed(cluster(None, **annotations))
    assert line.message.startswith(said) and line.to_act == to_act and line.pods == ""


def test_a_pod_that_nothing_creates_again_is_listed() -> None:
    one = {"name": "bare", "namespace": "shop", "annotations": ours({"mode": "auto"})}
    bare = msgspec.convert({"metadata": one, "status": {"phase": "Running"}}, objects.Pod)
    [line] = listed(snapshot(bare), None)
    assert (line.workload, line.reason) == ("Pod/bare", "NotRecreatable")
    assert line.to_act == remedy(Reason.NOT_RECREATABLE)


def test_who_is_not_enrolled_or_gone_is_counted_and_listed_for_a_namespace() -> None:
    shot = cluster(None)
    assert standings.lines(shot, NAMES, GONE, None) == ([], 2)
    shown, left_out = standings.lines(shot, NAMES, GONE, "shop")
    assert left_out == 0
    assert [line.workload for line in shown] == ["Deployment/old", "ReplicationController/web"]
    assert (shown[0].phase, shown[0].reason) == ("Gone", "InBounds")
    assert shown[0].message.startswith("calm (Settled until 20")
    assert standings.lines(shot, NAMES, GONE, "elsewhere") == ([], 0)


def test_who_came_back_is_no_more_gone() -> None:
    back = {Workload("v1", "ReplicationController", "shop", "web"): next(iter(GONE.values()))}
    shown, _ = standings.lines(cluster(mode="auto"), NAMES, back, "shop")
    assert [line.phase for line in shown] == ["Blocked"]


def test_it_is_printed_as_a_table_whose_cells_cannot_break_a_line() -> None:
    [line] = listed(cluster(mode="auto"))
    odd = replace(line, message="two\nlines \x1b[31mred")
    head, first, then, second, _ = standings.text([line, odd])
    assert head.index("REASON") == first.index("Quota") == second.index("Quota")
    assert then.strip() == f"to act: {line.to_act}"
    assert second.endswith("two lines  [31mred")
