"""One size of what was decided on each kind of node, and what is reported."""

from msgspec.structs import replace

from kube import timestamps
from store.model import Apply, Phase, Status
from store.records import Change
from tests.unit.scaler.builders import NOW, asked
from tests.unit.scaler.kinds_of_node import kept, made, workload
from tests.unit.scaler.sizing.test_by_class import FRESH, R, decide, limits, three, written


def test_a_kind_that_has_vanished_keeps_its_size() -> None:
    size = kept(pi=2000, server=1000, gone=700)
    fast = made("fast", "fast-1", size, "server", pinned=True)
    outcome = decide(workload(fast, size=size), nginx=990)
    assert limits(outcome.size) == {"": None, "pi": 2000, "server": 2000, "gone": 700}


def test_of_too_many_kinds_those_go_that_have_no_node() -> None:
    size = kept(server=1000, **{f"gone{i:02}": 700 for i in range(31)})
    outcome = decide(three(size), nginx=100)
    assert outcome.size is not None
    names = [c.name for c in outcome.size.classes]
    assert len(names) == 32
    assert {"pi", "server"} <= {*names}


def test_with_known_usage_it_keeps_what_it_has() -> None:
    outcome = decide(three(kept(server=4000)), nginx=100)
    assert limits(outcome.size) == {"": None, "pi": None, "server": 4000}
    assert outcome.size is not None
    assert outcome.size.revision == 3  # no pod gets anything else


def test_who_asks_for_it_no_longer_has_the_default_everywhere() -> None:
    size = kept(700, pi=2000, server=700)
    seen = replace(three(size), nodes=None, settings=asked())
    outcome = decide(seen, nginx=100)
    assert limits(outcome.size) == {"": 700}
    assert outcome.size is not None
    assert outcome.size.revision == 4
    assert outcome.reason is R.OPTED_OUT


def test_leaving_it_is_a_line_for_each_kind_that_gets_other_values() -> None:
    size = kept(700, pi=2000, server=700)
    _, status = written(replace(three(size), nodes=None, settings=asked()), nginx=100)
    assert [(c.node_class, c.before, c.after, c.reason) for c in status.changes] == [
        ("pi", "2", "700m", R.OPTED_OUT)
    ]


def test_the_default_of_no_pod_is_not_what_is_reported() -> None:
    outcome = decide(three(), nginx=FRESH)
    assert (outcome.reason, outcome.message[:7]) == (R.WARMING_UP, "on pi: ")


def test_what_is_rolled_back_on_one_kind_stays_for_new_pods_of_all() -> None:
    """Found by the simulation: once the phase was another, nothing said it to the other kinds."""
    size, at = replace(kept(pi=None, server=1000), apply=Apply.NEW), timestamps.text(NOW - 600)
    back = Change(at, size.revision, "nginx", "cpu", "2", "500m", R.ROLLED_BACK, "pi")
    settled = Status(size=size, changes=(back,), phase=Phase.SETTLED, reason=R.IN_BOUNDS)
    found = decide(three(size, status=settled), nginx=100).size
    assert found and (found.revision, found.apply) == (size.revision, Apply.NEW)
