"""A size that does not work on one kind of node is rolled back on that alone."""

import msgspec
from msgspec.structs import replace

from kube import objects
from scaler.model import Plan, Write
from scaler.planning.plan import plan
from store.model import Apply, Status
from store.reasons import Reason
from tests.unit.scaler.builders import LONG_AGO
from tests.unit.scaler.cycles import context, using
from tests.unit.scaler.kinds_of_node import kept, made, running, workload
from tests.unit.scaler.rollbacks import lost
from tests.unit.scaler.statuses import line

SIZE = kept(700, revision=4, pi=4000, server=500)
BEFORE = kept(700, revision=3, pi=1000, server=500)


def planned(last_good: bool) -> Plan:
    """A Pi's pod is Pending: no node has so much; one with less would find one."""
    lines = (replace(line(4), node_class="pi"),)
    status = Status(size=SIZE, last_good=BEFORE if last_good else None, changes=lines)
    why = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    why |= {"message": "0/5 nodes: 5 Insufficient cpu.", "lastTransitionTime": LONG_AGO}
    waits = made("a", "pi-1", SIZE, "pi", pinned=True, ready=False, phase="Pending")
    waits = replace(waits, spec=replace(waits.spec, node_name=None))
    conditions = [*(waits.status.conditions or ()), msgspec.convert(why, objects.Condition)]
    waits = replace(waits, status=replace(waits.status, conditions=conditions))
    other = running(made("b", "fast-1", SIZE, "server", pinned=True))
    cycle = context(using(nginx=Reason.WARMING_UP))
    full = replace(
        cycle,
        obstacle=lambda pods, sizes: "full" if (sizes["nginx"].limits.cpu or 0) > 2000 else None,
    )
    found = plan(workload(waits, other, status=status), full)
    assert found is not None
    return found


def test_it_goes_back_to_what_was_last_good_on_that_kind() -> None:
    found = planned(last_good=True)
    assert isinstance(found.action, Write)
    size = found.action.status.size
    expected = kept(700, revision=5, pi=1000, server=500)
    assert size == replace(expected, apply=Apply.NEW)
    newest = found.action.status.changes[0]
    assert (newest.node_class, newest.reason, newest.after) == ("pi", Reason.ROLLED_BACK, "1")


def test_a_pod_that_would_come_back_with_the_default_is_nothing_against_its_kind_s_size() -> None:
    """Found by the simulation: one node got another label, and that kind's size was rolled back."""
    relabelled = running(made("a", "pi-1", SIZE))
    seen = workload(relabelled, strategy="resize", status=Status(size=SIZE))
    assert seen.states[0].only_resized
    found = plan(seen, context(using(nginx=Reason.WARMING_UP), **lost(400)))
    assert found is not None
    assert found.standing.reason is not Reason.ROLLED_BACK


def test_and_where_not_even_that_has_room_the_default_is_rolled_back() -> None:
    relabelled = running(made("a", "pi-1", SIZE))
    seen = workload(relabelled, strategy="resize", status=Status(size=SIZE))
    found = plan(seen, context(using(nginx=Reason.WARMING_UP), **lost(300)))
    assert found is not None
    assert isinstance(found.action, Write)
    assert found.action.status.size == replace(
        kept(None, revision=5, pi=4000, server=500), apply=Apply.NEW
    )


def test_or_to_the_manifest_s_on_that_kind() -> None:
    found = planned(last_good=False)
    assert isinstance(found.action, Write)
    assert found.action.status.size == replace(
        kept(700, revision=5, pi=None, server=500), apply=Apply.NEW
    )
    assert "new pods get the manifest's values again" in found.standing.message
