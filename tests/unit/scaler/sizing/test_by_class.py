"""Sizes by kind of node: what is decided on each, and the one size that is stored of it."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.cluster.view import View
from scaler.model import Plan, Stretch, Write
from scaler.planning.plan import plan
from scaler.sizing.by_class import decided
from scaler.sizing.decide import Decided
from scaler.sizing.evidence import Watched
from store import node_classes
from store.model import ClassSize, Status, StoredSize
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import LONG_AGO, NOW, by_hand_of
from tests.unit.scaler.cycles import ceiling, context, using
from tests.unit.scaler.kinds_of_node import AGO, NODES, cpu, kept, made, workload
from tests.unit.store.nodes import node

R = Reason
FRESH = R.WARMING_UP


def decide(seen: View, **used: Any) -> Decided:
    above = used.pop("above", ceiling())
    stretches = used.pop("stretches", {})
    settings: Any = seen.settings
    watched = Watched(using(**used), NOW, stretches=stretches)
    return decided(seen, settings, watched, lambda its, whole: above)


def limits(size: StoredSize | None) -> dict[str, int | None]:
    """By class, the default under "": the CPU limit, None for the manifest's."""
    assert size is not None
    lists = {"": size.containers, **{c.name: c.containers for c in size.classes}}
    return {name: cs[0].size.limits.cpu if cs else None for name, cs in lists.items()}


def three(size: StoredSize | None = None, **more: Any) -> View:
    """A pod on each of two Pis and a server, as a DaemonSet makes them."""
    pods = (
        made("pi", "pi-1", size, "pi", pinned=True),
        made("pi2", "pi-2", size, "pi", pinned=True),
        made("fast", "fast-1", size, "server", pinned=True),
    )
    return workload(*pods, size=size, **more)


def test_the_kind_that_needs_more_gets_more_and_no_other() -> None:
    outcome = decide(three(), nginx__pi=480, nginx=100)
    assert limits(outcome.size) == {"": None, "pi": 1000, "server": None}
    assert (outcome.reason, outcome.message[:22]) == (R.DOUBLED, "on pi: nginx used 480m")
    assert {(d.node_class, bool(d.target)) for d in outcome.decisions if d.resource == "cpu"} == {
        (None, False), ("pi", True), ("server", False),
    }  # fmt: skip


def test_two_kinds_that_need_more_are_one_write() -> None:
    outcome = decide(three(), nginx=480)
    assert limits(outcome.size) == {"": None, "pi": 1000, "server": 1000}
    assert outcome.size is not None
    assert outcome.size.revision == 1


def test_where_no_kind_needs_anything_nothing_is_stored() -> None:
    assert decide(three(), nginx=100).size is None


def test_what_is_stored_stays_the_same_object_where_nothing_changes() -> None:
    seen = three(kept(pi=1000, server=None))
    assert decide(seen, nginx=100).size is seen.size


def test_a_kind_is_stepped_from_its_own_size() -> None:
    outcome = decide(three(kept(pi=1000, server=None)), nginx__pi=960, nginx=100)
    assert limits(outcome.size) == {"": None, "pi": 2000, "server": None}
    assert outcome.size is not None
    assert outcome.size.revision == 4


def test_a_pod_that_moves_carries_no_need_with_it() -> None:
    """It runs on a server with the size of a Pi: what it uses of that is no usage of a server."""
    size = kept(pi=2000, server=500)
    moved = made("a", "fast-1", size, "pi")
    seen = workload(moved, made("b", "fast-2", size, "server"), size=size, strategy="resize")
    assert decide(seen, nginx__a=1900, nginx__b=100).size is seen.size


def test_usage_from_before_a_node_got_its_class_counts_for_none() -> None:
    size = kept(pi=1000, server=500)
    again = [node("fast-1", "server", written=AGO + 60), *NODES[1:]]
    seen = replace(three(size), nodes=node_classes.of(again, NOW))
    outcome = decide(seen, nginx__fast=499, nginx=100)
    assert outcome.size is seen.size
    assert "its node has been of its class for 60 s" in str(
        [d.message for d in outcome.decisions if d.node_class == "server"]
    )


def test_how_long_each_kind_was_quiet_is_kept_by_kind() -> None:
    stretches = {"nginx@pi": Stretch(100.0, NOW - 10, 200.0)}
    outcome = decide(three(), nginx=10, stretches=stretches)
    found = {key: round(s.seconds) for key, s in outcome.stretches.items()}
    assert found["nginx@pi"] > found["nginx@server"]
    assert "nginx" not in found  # no pod has the default


def test_the_default_is_decided_by_the_pods_that_have_it() -> None:
    size = kept(700, pi=2000)
    seen = workload(made("a", "nameless", size), made("b", "pi-1", size, "pi"), size=size)
    outcome = decide(seen, nginx__a=690, nginx__b=100)
    assert limits(outcome.size) == {"": 1400, "pi": 2000}


def test_with_recreate_pods_of_which_nobody_knew_the_node_decide_on_the_default() -> None:
    seen = workload(made("a", "fast-1", None), made("b", "pi-1", None))
    assert limits(decide(seen, nginx__b=480, nginx=100).size) == {"": 1000}


def written(seen: View, **used: Any) -> tuple[Plan, Status]:
    found = plan(seen, context(using(**used)))
    assert found is not None
    assert isinstance(found.action, Write)
    return found, found.action.status


def test_a_change_is_a_line_that_names_its_kind() -> None:
    _, status = written(three(), nginx__pi=480, nginx=100)
    assert status.changes == (
        Change(status.changes[0].at, 1, "nginx", "cpu", "500m", "1", R.DOUBLED, "pi"),
    )


def test_a_change_of_one_kind_holds_up_no_other() -> None:
    line = Change(LONG_AGO.replace("12:00", "20:29"), 3, "nginx", "cpu", "500m", "1", R.DOUBLED)
    size = kept(pi=1000, server=None)
    seen = three(size, changes=(replace(line, node_class="pi"),))
    assert decide(seen, nginx__fast=480, nginx=100).reason is R.DOUBLED
    assert decide(seen, nginx__pi=960, nginx=100).size is seen.size


@pytest.mark.parametrize("limit", [600, 3000])
def test_a_size_by_hand_is_every_kind_s(limit: int) -> None:
    hand = by_hand_of(limit)
    outcome = decide(three(kept(pi=1000, server=None), by_hand=[hand]), nginx=100)
    assert limits(outcome.size) == {"": limit, "pi": limit, "server": limit}


def test_an_edited_manifest_takes_effect_for_every_kind() -> None:
    size = kept(pi=1000, server=2000)
    old = replace(
        size,
        classes=tuple(ClassSize(c.name, _other_basis(c.containers)) for c in size.classes),
        template="older",
    )
    outcome = decide(three(old), nginx=100)
    assert outcome.reason is R.MANIFEST_CHANGED
    assert limits(outcome.size) == {"": None, "pi": None, "server": None}


def _other_basis(containers: Any) -> Any:
    basis = cpu(900)[0].size
    return tuple(replace(c, basis=basis) for c in containers)
