"""A pod on another kind of node than it was made for: resized, or left with the default."""

from typing import Any

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.model import Evict, HandOver, Plan, Resize, Wait
from scaler.planning.plan import plan
from scaler.replacement.candidate import NextCase
from scaler.replacement.next_pod import next_pod
from scaler.replacement.prospects import Prospects, RestartLimits
from scaler.resizing.resize_case import Refused, Terms, Way
from store.model import Apply, Phase, Resources, Size, Status
from store.reasons import Reason
from tests.unit.scaler.builders import LONG_AGO, NOW, asked
from tests.unit.scaler.cycles import context, using
from tests.unit.scaler.kinds_of_node import KNOWN, kept, made, running, workload

SIZE = kept(pi=2000, server=500)
QUIET = Reason.WARMING_UP
"""Nothing is known of usage, so that no size changes."""


def planned(seen: View, **more: Any) -> Plan:
    given: dict[str, Any] = {"unresizable": lambda view, uid: None, **more}
    found = plan(seen, context(using(nginx=QUIET), **given))
    assert found is not None
    return found


def two(first: objects.Pod, **more: Any) -> View:
    other = made("b", "fast-1", SIZE, "server")
    proven = Status(size=SIZE, last_good=SIZE, phase=Phase.SETTLED, reason=Reason.DOUBLED)
    status = replace(proven, **more.pop("status", {}))
    if first.status.phase == "Running":
        first = running(first)
    return workload(first, running(other), status=status, **more)


def test_it_is_resized_in_place_as_soon_as_it_runs() -> None:
    found = planned(two(made("a", "pi-1", SIZE), strategy="resize")).action
    assert isinstance(found, Resize)
    assert (found.pod, found.sizes["nginx"].limits.cpu) == ("a", 2000)


def test_its_kind_of_node_is_said() -> None:
    seen = two(made("a", "pi-1", SIZE), strategy="resize")
    assert isinstance(seen.settings, Settings)
    asks = Prospects(lambda pods: None)
    got = next_pod(NextCase(seen, seen.settings, RestartLimits(), asks, NOW, terms=Terms(NOW)))
    assert (got.phase, got.in_place, got.reason) == (Phase.APPLYING, Way.RESIZE, None)
    assert got.message == "resizing a in place, for its kind of node: pi"


def test_the_oldest_of_several_comes_first() -> None:
    young = running(made("a", "pi-2", SIZE, created=timestamps.text(NOW - 900)))
    found = planned(
        workload(
            young,
            running(made("b", "pi-1", SIZE)),
            status=Status(size=SIZE, last_good=SIZE, phase=Phase.SETTLED, reason=Reason.DOUBLED),
            strategy="resize",
        )
    ).action
    assert isinstance(found, Resize) and found.pod == "b"


def test_also_during_a_rollout() -> None:
    seen = two(made("a", "pi-1", SIZE), strategy="resize")
    assert seen.owner is not None
    meta = replace(seen.owner.metadata, generation=7)
    found = planned(replace(seen, owner=replace(seen.owner, metadata=meta))).action
    assert isinstance(found, Resize)


def test_also_where_the_size_is_for_new_pods_alone_but_only_a_new_one() -> None:
    only_new = replace(SIZE, apply=Apply.NEW)
    new, old = made("a", "pi-1", SIZE), made("a", "pi-1", SIZE, revision=2)
    for one, resized in ((new, True), (old, False)):
        settings = asked(mode="initial", per_node="on", strategy="resize")
        seen = replace(two(one, status={"size": only_new}), settings=settings)
        assert isinstance(planned(seen).action, Resize) is resized


def test_not_before_it_runs() -> None:
    waiting = made("a", "pi-1", SIZE, ready=False, phase="Pending")
    found = planned(two(waiting, strategy="resize")).action
    assert not isinstance(found, Resize | Evict | HandOver)


def test_not_where_it_is_paused() -> None:
    seen = two(made("a", "pi-1", SIZE), strategy="resize")
    settings = asked(per_node="on", strategy="resize", paused="true")
    found = planned(replace(seen, settings=settings))
    assert not isinstance(found.action, Resize)
    paused = planned(seen, limits=RestartLimits(paused="the scaler is paused"))
    assert not isinstance(paused.action, Resize)


def test_it_is_no_pod_that_somebody_has_rewritten() -> None:
    waiting = made("a", "pi-1", SIZE, ready=False, phase="Pending")
    assert planned(two(waiting, strategy="resize")).standing.reason is not Reason.REWRITTEN


@pytest.mark.parametrize("why", ["no right to resize", "exceeded quota"])
def test_where_it_cannot_be_resized_the_default_stays_and_it_is_said(why: str) -> None:
    seen = two(made("a", "pi-1", SIZE), strategy="resize")
    found = planned(seen, unresizable=lambda view, uid: Refused(why, Reason.QUOTA))
    assert not isinstance(found.action, Resize | Evict | HandOver)
    assert (found.standing.phase, found.standing.reason) == (Phase.BLOCKED, Reason.QUOTA)
    assert found.standing.message == f"{why}; it stays, as no new pod knows its node"


def test_also_where_a_resize_could_not_do_it() -> None:
    """Found by the simulation: the status said nothing, and that all was settled."""
    unlimited = replace(SIZE.classes[0].containers[0], size=Size(Resources(1000)))
    size = replace(SIZE, classes=(replace(SIZE.classes[0], containers=(unlimited,)),))
    found = planned(two(made("a", "pi-1", SIZE), strategy="resize", status={"size": size}))
    assert not isinstance(found.action, Resize | Evict | HandOver)
    assert (found.standing.phase, found.standing.reason) == (
        Phase.BLOCKED,
        Reason.RESIZE_INFEASIBLE,
    )
    assert found.standing.message == (
        "no resize in place: nginx's cpu limit is removed; it stays, as no new pod knows its node"
    )


def test_with_recreate_a_pod_of_which_nobody_knew_the_node_keeps_the_default() -> None:
    seen = two(made("a", "pi-1", SIZE))
    assert isinstance(planned(seen).action, Wait) or planned(seen).standing.phase is Phase.SETTLED
    assert not seen.differing


def test_with_recreate_one_that_names_its_node_is_replaced() -> None:
    old = made("a", "pi-1", kept(revision=2), pinned=True, created=LONG_AGO)
    found = planned(two(old)).action
    assert isinstance(found, Evict)
    assert found.pod == "a"


def test_on_an_undecided_node_nothing_is_done() -> None:
    nodes = replace(KNOWN, undecided={"pi-1": NOW + 9}, by_node={"fast-1": "server"})
    for strategy in ("resize", "recreate"):
        seen = two(made("a", "pi-1", SIZE, pinned=True), strategy=strategy, nodes=nodes)
        found = planned(seen)
        assert not isinstance(found.action, Resize | Evict | HandOver)
        assert not seen.differing
