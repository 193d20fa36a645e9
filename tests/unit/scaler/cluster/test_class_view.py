"""A workload as its pods on one kind of node show it."""

from scaler.cluster import class_view
from scaler.cluster.view import View
from store.model import Status
from store.reasons import Reason
from store.records import Change, Quiet
from tests.unit.scaler.builders import LONG_AGO, NGINX, pod
from tests.unit.scaler.kinds_of_node import kept, made, workload

SIZE = kept(700, pi=2000, server=400)
LINES = tuple(
    Change(LONG_AGO, 3, "nginx", "cpu", "500m", "1", Reason.DOUBLED, name)
    for name in (None, "pi", "server")
)
QUIET = (Quiet("nginx", 600, LONG_AGO), Quiet("nginx", 900, LONG_AGO, "pi"))
PODS = (
    made("a", "pi-1", SIZE, "pi", pinned=True),
    made("b", "fast-1", SIZE, "server", pinned=True),
    made("c", "pi-2", SIZE, "pi", pinned=True),
)
SEEN = workload(*PODS, status=Status(size=SIZE, last_good=SIZE, changes=LINES, quiet=QUIET))


def names(seen: View) -> list[str]:
    return [p.metadata.name for p in seen.pods]


def test_the_default_comes_first_then_the_classes_of_its_pods() -> None:
    assert class_view.classes(SEEN) == (None, "pi", "server")


def test_a_class_sees_its_pods_its_size_and_its_log() -> None:
    its = class_view.of(SEEN, "pi")
    assert names(its) == ["a", "c"]
    assert its.size == kept(2000)
    assert its.status.last_good == kept(2000)
    assert [c.node_class for c in its.status.changes] == ["pi"]
    assert [q.seconds for q in its.status.quiet] == [900]
    assert its.nodes is None
    assert not its.differing


def test_the_default_without_pods_of_its_own_sees_all_for_what_they_came_with() -> None:
    its = class_view.of(SEEN, None)
    assert names(its) == ["a", "b", "c"]
    assert its.size == kept(700)
    assert not class_view.has_pods(SEEN, None)


def test_the_default_with_pods_sees_those() -> None:
    waiting = pod("d", {"nginx": kept(700).containers[0].size}, stamp_of=(3, NGINX))
    seen = workload(*PODS, waiting, size=SIZE)
    assert names(class_view.of(seen, None)) == ["d"]


def test_what_is_kept_is_kept_by_container_and_class() -> None:
    held = {
        class_view.keyed("nginx", None): 1,
        class_view.keyed("nginx", "pi"): 2,
        class_view.keyed("side", "pi"): 3,
    }
    assert class_view.kept(held, None) == {"nginx": 1}
    assert class_view.kept(held, "pi") == {"nginx": 2, "side": 3}
    assert [class_view.unkeyed(k) for k in held] == [
        ("nginx", None), ("nginx", "pi"), ("side", "pi"),
    ]  # fmt: skip


def test_only_those_that_are_resized_for_it_have_to_fit_where_they_are() -> None:
    loose = made("d", "pi-1", SIZE)
    seen = workload(*PODS, loose, size=SIZE, strategy="resize")
    found = class_view.only_resized(seen, class_view.of(seen, "pi"))
    assert [p.metadata.name for p in found] == ["d"]
