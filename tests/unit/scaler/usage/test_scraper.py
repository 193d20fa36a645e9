"""One scrape of many kubelets, some of them dead."""

import threading
import time
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from kube.objects import Address, Node
from scaler.usage.scraper import Kubelets, Scrape
from tests.unit.scaler.usage.kubelets import (
    SAMPLE,
    Scripted,
    answers,
    garbles,
    hangs,
    node,
    unverified,
)

OF = '{container="nginx",id="/x",namespace="shop",pod="web-1"} '
CADVISOR = "\n".join(
    [
        f"container_start_time_seconds{OF}1.7e+09",
        f"container_memory_rss{OF}114688 1700000100123",
    ]
)


def look(
    doing: dict[str, Callable[[float], str]], *nodes: Node, deadline: float = 0.3
) -> tuple[Scrape, Scripted]:
    reader = Scripted(doing)
    kubelets = Kubelets(reader, deadline=deadline)
    return kubelets.read(nodes, lambda: 77.0, enrolled(nodes)), reader


def enrolled(nodes: Iterable[Node]) -> dict[str, frozenset[tuple[str, str]]]:
    """On each node the pod of which kubelets here tell."""
    return {one.metadata.name: frozenset({("shop", "web-1")}) for one in nodes}


def test_a_cluster_without_nodes_has_no_samples() -> None:
    assert look({})[0] == Scrape((), {})


def test_each_bad_node_is_one_line_and_the_good_ones_count() -> None:
    doing = {"a": answers, "b": hangs, "c": unverified, "d": garbles, "e": answers}
    got, _ = look(doing, *(node(n) for n in doing), node("f", Address("Hostname", "f")))
    assert got.samples == (replace(SAMPLE, node="a"), replace(SAMPLE, node="e"))
    assert sorted(got.failures) == ["b", "c", "d", "f"]
    assert got.unverified == {"c"}
    assert "no address" in got.failures["f"]
    assert not any("\n" in line for line in got.failures.values())


def test_the_internal_address_and_the_nodes_own_port_are_asked() -> None:
    both = (Address("ExternalIP", "x"), Address("Hostname", "h"), Address("InternalIP", "a"))
    _, reader = look({"a": answers, "x": answers}, node("n", *both, port=10350), node("m", both[0]))
    assert sorted(reader.asked) == [("a", 10350), ("x", 10250)]


def test_nodes_are_asked_at_the_same_time_and_leave_no_thread() -> None:
    before = threading.active_count()
    began = time.monotonic()
    got, _ = look(dict.fromkeys("abcdefghijklmnop", hangs), *map(node, "abcdefghijklmnop"))
    assert time.monotonic() - began < 2  # one deadline, not sixteen of them
    assert len(got.failures) == 16
    assert threading.active_count() == before


def test_a_cluster_of_dead_nodes_costs_two_deadlines_and_each_has_its_turn() -> None:
    names = [f"n{i}" for i in range(40)]
    reader = Scripted(dict.fromkeys(names, hangs))
    kubelets = Kubelets(reader, deadline=0.5)
    began = time.monotonic()
    nodes = [node(n) for n in names]
    first = kubelets.read(nodes, lambda: 0.0, enrolled(nodes))
    assert time.monotonic() - began < 5
    assert len(first.failures) == 40
    assert any("not asked" in line for line in first.failures.values())
    kubelets.read(nodes, lambda: 0.0, enrolled(nodes))
    assert {address for address, _ in reader.asked} == set(names)


def test_nodes_that_failed_the_last_time_do_not_stand_before_the_others() -> None:
    dead = [f"dead{i}" for i in range(40)]
    reader = Scripted({**dict.fromkeys(dead, hangs), "good": answers})
    kubelets = Kubelets(reader, deadline=0.2)
    nodes = [node(n) for n in [*dead, "good"]]
    kubelets.read(nodes, lambda: 0.0, enrolled(nodes))
    reader.asked.clear()
    assert kubelets.read(nodes, lambda: 0.0, enrolled(nodes)).samples
    assert "good" in [address for address, _ in reader.asked[:16]]


def test_the_time_of_a_sample_is_when_its_answer_came() -> None:
    began, nodes = time.monotonic(), [node("a"), node("b")]
    doing = {"a": hangs, "b": answers}
    got = Kubelets(Scripted(doing), deadline=0.5).read(
        nodes, lambda: time.monotonic() - began, enrolled(nodes)
    )
    assert got.samples[0].reading.received < 0.45


class Closely(Scripted):
    """Kubelets that also have the other page."""

    def cadvisor(self, address: str) -> str:
        return CADVISOR


PODS = {"a": frozenset({("shop", "web-1")})}


def test_nodes_without_enrolled_pods_are_not_asked() -> None:
    reader = Closely({"a": answers, "b": answers})
    got = Kubelets(reader, deadline=0.3).read([node("a"), node("b")], lambda: 77.0, PODS)
    assert (reader.asked, reader.closely) == ([("a", 10250)], ["a"])
    kernels = [s.reading.kernel for s in got.samples]
    assert [k and k.needed for k in kernels] == [114_688]
    assert not got.unseen


def test_of_other_pods_on_a_node_nothing_is_kept() -> None:
    others = {"a": frozenset({("shop", "other")})}
    got = Kubelets(Closely({"a": answers}), deadline=0.3).read([node("a")], lambda: 77.0, others)
    assert not got.samples


def test_it_is_read_four_times_a_minute() -> None:
    reader = Closely({"a": answers})
    kubelets = Kubelets(reader, deadline=0.3)
    for _ in range(3):
        kubelets.read([node("a")], lambda: 77.0, PODS)
    assert reader.closely == ["a"]
    assert len(reader.asked) == 3


def test_a_node_that_does_not_have_it_loses_nothing_and_says_so() -> None:
    reader = Scripted({"a": answers})
    kubelets = Kubelets(reader, deadline=0.3)
    got = kubelets.read([node("a")], lambda: 77.0, PODS)
    assert got.samples == (replace(SAMPLE, node="a"),)
    assert not got.failures
    assert got.unseen == {"a": "no such page"}
    assert kubelets.read([node("a")], lambda: 77.0, PODS).unseen == got.unseen
    assert not kubelets.read([node("a")], lambda: 77.0, {}).unseen, (
        "no pod of it is enrolled any more"
    )


def test_a_kubelet_whose_cadvisor_does_not_know_the_runtime_says_so() -> None:
    class Nameless(Closely):
        def cadvisor(self, address: str) -> str:
            return CADVISOR.replace("web-1", "")

    reader = Nameless({"a": answers})
    got = Kubelets(reader, deadline=0.3).read([node("a")], lambda: 77.0, PODS)
    assert "does not name the containers" in got.unseen["a"]


def test_nodes_at_rest_are_asked_with_all_others_alone() -> None:
    nodes = [node(name) for name in ("near", "rests", "fails")]
    reader = Scripted({"near": answers, "rests": answers, "fails": garbles})
    kubelets = Kubelets(reader, deadline=0.3, rest=60.0)
    first = kubelets.read(nodes, lambda: 77.0, enrolled(nodes), {"near"})
    assert first.everyone and len(reader.asked) == 3
    reader.asked.clear()
    again = kubelets.read(nodes, lambda: 77.0, enrolled(nodes), {"near", "elsewhere"})
    assert sorted(address for address, _ in reader.asked) == ["fails", "near"]
    assert not again.everyone
    assert [*again.failures] == ["fails"], "the workloads there go on to be without usage"
