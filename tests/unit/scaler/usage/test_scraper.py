"""The kubelet's text as samples, and a look at many kubelets of which some are dead."""

import threading
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kube.errors import Unreachable
from kube.gateway import Trust
from kube.kubelet import KubeletReader, Unverified
from kube.objects import Address, DaemonEndpoint, DaemonEndpoints, Meta, Node, NodeStatus
from scaler.usage.kubelet_metrics import Sample, parse
from scaler.usage.scraper import Kubelets, Scrape
from scaler.usage.window import Reading

WEB = '{container="nginx",namespace="shop",pod="web-1"}'
CPU = f"container_cpu_usage_seconds_total{WEB} 12.5 1700000100123"
MEMORY = f"container_memory_working_set_bytes{WEB} 6.4e+07 1700000100123"
START = f"container_start_time_seconds{WEB} 1.7e+09 1700000100123"
ANSWER = f"""\
# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed
# TYPE container_cpu_usage_seconds_total counter
{CPU}
# HELP container_memory_working_set_bytes [STABLE] Current working set
# TYPE container_memory_working_set_bytes gauge
{MEMORY}
# HELP container_start_time_seconds [STABLE] Start time of the container
# TYPE container_start_time_seconds gauge
{START}
# HELP node_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the node
# TYPE node_cpu_usage_seconds_total counter
node_cpu_usage_seconds_total 4096 1700000100123
# HELP pod_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the pod
# TYPE pod_cpu_usage_seconds_total counter
pod_cpu_usage_seconds_total{{namespace="shop",pod="web-1"}} 12.6 1700000100123
# TYPE scrape_error gauge
scrape_error 0
"""
SAMPLE = Sample(
    "shop", "web-1", "nginx", Reading(1700000100.123, 77.0, 12.5, 64_000_000, 1_700_000_000.0)
)


def test_a_kubelets_answer_becomes_samples() -> None:
    assert parse(ANSWER, 77.0) == [SAMPLE]


TEXTS = [
    ("nothing", "", 0),
    ("the three lines alone", f"{CPU}\n{MEMORY}\n{START}\n", 1),
    ("a start time without its own timestamp", f"{CPU}\n{MEMORY}\n{START.rsplit(' ', 1)[0]}", 1),
    ("any order", f"{START}\n{MEMORY}\n{CPU}", 1),
    ("carriage returns", f"{START}\r\n{MEMORY}\r\n{CPU}\r\n", 1),
    ("two containers, one complete", f"{CPU}\n{MEMORY}\n{START}\n{CPU.replace('nginx', 'b')}", 1),
    ("no timestamp", f"{CPU.rsplit(' ', 1)[0]}\n{MEMORY}\n{START}", 0),
    ("no start time", f"{CPU}\n{MEMORY}", 0),
    ("no memory", f"{CPU}\n{START}", 0),
    ("not a number", f"{CPU.replace('12.5', 'NaN')}\n{MEMORY}\n{START}", 0),
    ("infinite memory", f"{CPU}\n{MEMORY.replace('6.4e+07', '+Inf')}\n{START}", 0),
    ("negative", f"{CPU.replace('12.5', '-1')}\n{MEMORY}\n{START}", 0),
    ("a container without a name", f"{CPU}\n{MEMORY}\n{START}".replace("nginx", ""), 0),
    ("labels missing", "container_cpu_usage_seconds_total 1 2", 0),
    ("a metric with a longer name", f"{CPU}\n{MEMORY}\n{START}".replace("{", "_x{"), 0),
    ("somebody else's line that is broken", f'other{{a="b 1\n{CPU}\n{MEMORY}\n{START}', 1),
    ("a line separator that is not ours",
     f'{CPU}\n{MEMORY}\n{START}'.replace("{", '{x="\u2028",'), 1),
    ("a page of HTML", "<html><body>502 Bad Gateway</body></html>", 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "count"), TEXTS, ids=[t[0] for t in TEXTS])
def test_only_complete_samples_count(name: str, text: str, count: int) -> None:
    assert len(parse(text, 77.0)) == count


BROKEN = [
    "container_cpu_usage_seconds_total{",
    'container_cpu_usage_seconds_total{pod="a} 1 2',
    "container_cpu_usage_seconds_total{pod=a} 1 2",
    "container_cpu_usage_seconds_total{} one",
    "container_cpu_usage_seconds_total",
    f"{CPU}\n{MEMORY[:60]}",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_line_of_ours_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        parse(text, 77.0)


pieces = st.sampled_from([CPU, MEMORY, START, "container_start_time_seconds", "# TYPE ", "\n", " "])


@given(st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=12).map("".join))
def test_whatever_comes_is_samples_or_a_value_error(text: str) -> None:
    try:
        got = parse(text, 77.0)
    except ValueError:
        return
    assert all(s.reading.at > 0 and s.reading.cpu_seconds >= 0 for s in got)


def test_a_full_node_is_read_quickly() -> None:
    lines = f"{CPU}\n{MEMORY}\n{START}\n"
    text = "".join(lines.replace("web-1", f"web-{n}") for n in range(110))
    began = time.process_time()
    assert len(parse(text, 77.0)) == 110
    assert time.process_time() - began < 1  # 8 ms where it was measured


class Scripted(KubeletReader):
    """A reader whose kubelets do what the table says, by address."""

    def __init__(self, doing: Mapping[str, Callable[[float], str]]) -> None:
        super().__init__(lambda: Trust(None, None, None, None), verify=True)
        self.doing = doing
        self.asked: list[tuple[str, int]] = []

    def read(self, address: str, port: int, timeout: float) -> str:
        self.asked.append((address, port))
        return self.doing[address](timeout)


def answers(_: float) -> str:
    return ANSWER


def hangs(timeout: float) -> str:
    time.sleep(timeout)
    raise Unreachable(0, "Timeout", "did not answer")


def unverified(_: float) -> str:
    raise Unverified(0, "Unverified", "the certificate cannot\nbe verified")


def garbles(_: float) -> str:
    return "container_start_time_seconds{"


def node(name: str, *addresses: Address, port: int = 10250) -> Node:
    given = list(addresses) or [Address("InternalIP", name)]
    kubelet = DaemonEndpoints(DaemonEndpoint(port))
    return Node(Meta(name=name), status=NodeStatus(addresses=given, daemon_endpoints=kubelet))


def look(
    doing: dict[str, Callable[[float], str]], *nodes: Node, deadline: float = 0.3
) -> tuple[Scrape, Scripted]:
    reader = Scripted(doing)
    return Kubelets(reader, deadline=deadline).read(nodes, lambda: 77.0), reader


def test_no_nodes_bring_nothing() -> None:
    assert look({})[0] == Scrape((), {})


def test_each_bad_node_is_one_line_and_the_good_ones_count() -> None:
    doing = {"a": answers, "b": hangs, "c": unverified, "d": garbles, "e": answers}
    got, _ = look(doing, *(node(n) for n in doing), node("f", Address("Hostname", "f")))
    assert got.samples == (SAMPLE, SAMPLE)
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
    first = kubelets.read([node(n) for n in names], lambda: 0.0)
    assert time.monotonic() - began < 5
    assert len(first.failures) == 40
    assert any("not asked" in line for line in first.failures.values())
    kubelets.read([node(n) for n in names], lambda: 0.0)
    assert {address for address, _ in reader.asked} == set(names)


def test_nodes_that_failed_the_last_time_do_not_stand_before_the_others() -> None:
    dead = [f"dead{i}" for i in range(40)]
    reader = Scripted({**dict.fromkeys(dead, hangs), "good": answers})
    kubelets = Kubelets(reader, deadline=0.2)
    nodes = [node(n) for n in [*dead, "good"]]
    kubelets.read(nodes, lambda: 0.0)
    reader.asked.clear()
    assert kubelets.read(nodes, lambda: 0.0).samples
    assert "good" in [address for address, _ in reader.asked[:16]]


def test_the_time_of_a_sample_is_when_its_answer_came() -> None:
    began = time.monotonic()
    doing = {"a": hangs, "b": answers}
    got = Kubelets(Scripted(doing), deadline=0.5).read(
        [node("a"), node("b")], lambda: time.monotonic() - began
    )
    assert got.samples[0].reading.received < 0.45
