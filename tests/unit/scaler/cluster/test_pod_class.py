"""Which kind of node a pod's size is for: every row of the module's table."""

from msgspec.structs import replace

from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from store.node_classes import NodeClasses
from tests.unit.scaler.builders import NGINX, pod
from tests.unit.scaler.kinds_of_node import KNOWN, kept, made, on, workload

SIZE = kept(700, pi=2000, server=400)


def state(seen: View) -> PodState:
    return seen.states[0]


def limit(one: PodState) -> int | None:
    return one.target["nginx"].limits.cpu


def test_a_pod_that_names_its_node_is_of_that_class_from_its_creation_on() -> None:
    one = state(workload(made("a", "pi-1", SIZE, "pi", pinned=True), size=SIZE))
    assert (one.node_class, limit(one), one.current) == ("pi", 2000, True)
    assert not one.only_resized


def test_any_other_is_of_its_node_s_class_where_it_can_be_resized() -> None:
    one = state(workload(made("a", "pi-1", SIZE), size=SIZE, strategy="resize"))
    assert (one.node_class, limit(one), one.current) == ("pi", 2000, False)
    assert one.only_resized
    assert one.misplaced


def test_else_the_default_stays() -> None:
    one = state(workload(made("a", "pi-1", SIZE), size=SIZE))
    assert (one.node_class, limit(one), one.current) == (None, 700, True)


def test_but_one_that_has_what_its_class_gets_keeps_it() -> None:
    one = state(workload(made("a", "pi-1", SIZE, "pi"), size=SIZE))
    assert (one.node_class, one.current) == ("pi", True)


def test_one_that_has_what_is_also_the_default_has_the_default() -> None:
    """Else its kind would be decided on, by pods that never get what is decided."""
    for size in (None, kept(700), kept(700, pi=700)):
        one = state(workload(made("a", "pi-1", size), size=size))
        assert (one.node_class, one.current) == (None, True)


def test_one_without_a_node_has_the_default() -> None:
    waiting = pod("a", NGINX, stamp_of=(3, NGINX))
    one = state(workload(waiting, size=SIZE, strategy="resize"))
    assert (one.node_class, limit(one)) == (None, 700)


def test_a_node_without_a_class_has_the_default() -> None:
    one = state(workload(made("a", "nameless", SIZE, "pi"), size=SIZE, strategy="resize"))
    assert (one.node_class, limit(one)) == (None, 700)


def test_a_class_that_is_not_listed_has_the_default() -> None:
    size = kept(700, server=400)
    one = state(workload(made("a", "pi-1", size), size=size, strategy="resize"))
    assert (one.node_class, limit(one), one.current) == ("pi", 700, True)


def test_on_an_undecided_node_it_is_left_as_it_is() -> None:
    nodes = replace(KNOWN, undecided={"pi-1": 1e12}, by_node={"fast-1": "server"})
    for pinned in (False, True):
        sized = made("a", "pi-1", SIZE, "server", pinned=pinned)
        one = state(workload(sized, size=SIZE, strategy="resize", nodes=nodes))
        assert one.undecided
        assert one.current
        assert one.target == one.actual


def test_on_a_node_that_was_deleted_it_is_left_as_it_is() -> None:
    """Its kubelet may register again, and its kind come back."""
    one = state(workload(made("a", "gone-1", SIZE, "pi", pinned=True), size=SIZE))
    assert (one.undecided, one.current) == (True, True)


def test_before_it_is_on_a_node_that_nobody_knows_yet_it_is_left_as_it_is() -> None:
    """Found by the simulation: a node came back, the webhook knew it first, and its pod's size
    counted as somebody else's, with a back-off of five minutes."""
    undecided = replace(KNOWN, undecided={"pi-1": 1e12}, by_node={"fast-1": "server"})
    for at, nodes, left in (
        ("gone-1", KNOWN, True),
        ("pi-1", undecided, True),
        ("pi-1", KNOWN, False),
        ("nameless", KNOWN, False),
    ):
        waits = made("a", at, SIZE, "pi", pinned=True)
        waits = replace(waits, spec=replace(waits.spec, node_name=None))
        assert state(workload(waits, size=SIZE, nodes=nodes)).undecided is left
    loose = made("a", "pi-1", SIZE)
    loose = replace(loose, spec=replace(loose.spec, node_name=None))
    assert not state(workload(loose, size=SIZE, strategy="resize")).undecided


def test_what_somebody_has_rewritten_is_not_another_kind_s_size() -> None:
    other = pod("a", {"nginx": kept(123).containers[0].size}, stamp_of=(3, NGINX), **on("pi-1"))
    assert not state(workload(other, size=SIZE, strategy="resize")).misplaced


def test_a_new_pod_in_its_place_gets_what_is_known_of_its_node() -> None:
    loose, named = made("a", "pi-1", SIZE), made("b", "pi-1", SIZE, "pi", pinned=True)
    seen = workload(loose, named, size=SIZE, strategy="resize")
    assert [seen.gives(p)["nginx"].limits.cpu for p in seen.pods] == [700, 2000]
    assert [seen.class_of(p) for p in seen.pods] == ["pi", "pi"]


def test_where_no_sizes_are_by_kind_of_node_nothing_is() -> None:
    seen = replace(workload(made("a", "pi-1", SIZE), size=kept(700)), nodes=None)
    assert (state(seen).node_class, seen.class_of(seen.pods[0])) == (None, None)
    assert seen.gives(seen.pods[0])["nginx"].limits.cpu == 700
    assert NodeClasses() == replace(NodeClasses())
