"""Sums by namespace: what they are of, and that their number is bounded in a large cluster."""

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from kube import objects
from scaler.cluster.view import View
from scaler.fleet import sums
from scaler.fleet.collector import FleetCollector
from scaler.fleet.sums import OTHER, Sums
from scaler.page.seen import Seen
from scaler.usage.window import Minute, NoMinute
from store.model import ContainerSize, Status
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, MI, NOW, injected, pod, size, stored, view

PODS = 10_000


def minute_of(pod: objects.Pod, container: str) -> Minute | NoMinute:
    """100 millicores and 32 MiB; of web-2 nothing is known."""
    if pod.metadata.name == "web-2":
        return NoMinute(Reason.WARMING_UP, "")
    return Minute(100.0, 60.0, 32 * MI, NOW - 7, throttled=0.25)


def summed(*views: View) -> dict[str, Sums]:
    return sums.by_namespace(views, minute_of)


def elsewhere(number: int) -> View:
    """A workload of one pod in a namespace of its own."""
    one = view(pod("web-1"))
    return replace(one, workload=replace(one.workload, namespace=f"team-{number}"))


def test_what_containers_have_is_now_and_what_the_stored_size_makes_of_them_is_wanted() -> None:
    size_now = stored()
    one = view(injected("web-1", size_now), pod("web-2"), status=Status(size=size_now))
    shop = summed(one)["shop"]
    assert (shop.containers, shop.unknown) == (2, 1)
    assert shop.now["request", "cpu"] == 750 and shop.wanted["request", "cpu"] == 1000
    assert shop.now["limit", "cpu"] == 1500 and shop.wanted["limit", "cpu"] == 2000
    assert shop.now["limit", "memory"] == shop.wanted["limit", "memory"] == 256 * MI


def test_a_wish_is_wanted_for_what_it_names_alone() -> None:
    wish = ContainerSize("nginx", replace(DOUBLED, requests=size((500, None)).requests))
    wish = replace(wish, size=size((500, 1000), (None, None)))
    shop = summed(view(status=Status(wish=(wish,))))["shop"]
    assert (shop.now["limit", "cpu"], shop.wanted["limit", "cpu"]) == (1000, 2000)
    assert shop.wanted["limit", "memory"] == 256 * MI


def test_usage_is_of_the_containers_of_which_it_is_known() -> None:
    shop = summed(view())["shop"]
    assert shop.used == {"cpu": 100, "memory": 32 * MI}
    assert shop.waste == {"cpu": 150, "memory": 32 * MI}
    assert (shop.throttled, shop.received) == (0.25, NOW - 7)


def test_a_pod_that_is_going_a_quantity_nobody_can_read_and_one_without_podsize_are_left_out() -> (
    None
):
    assert summed(view(pod("web-1", going=True)))["shop"].containers == 0
    spec = {"requests": {"cpu": "many"}}
    broken = pod("web-1", containers=[{"name": "nginx", "resources": spec}])
    assert summed(view(broken)) == summed(view(kept=None)) == {}


def test_the_namespaces_with_most_containers_are_named_and_the_sum_over_all_stays_whole() -> None:
    found = summed(view(), *(elsewhere(n) for n in range(5)))
    named = sums.bounded(found, most=2)
    assert [*named] == ["shop", "team-0", OTHER]
    for of in (found, named):
        assert sum(s.now["request", "cpu"] for s in of.values()) == 7 * 250
        assert sum(s.waste["cpu"] for s in of.values()) == 6 * 150
        assert sum(s.containers for s in of.values()) == 7
    assert named[OTHER].received == NOW - 7 and named[OTHER].throttled == 0.25


@pytest.mark.parametrize("namespaces", [1, PODS])
def test_ten_thousand_pods_make_a_bounded_number_of_series(namespaces: int) -> None:
    views: tuple[View, ...] = tuple(elsewhere(n) for n in range(namespaces))
    if namespaces == 1:
        views = (view(*(pod(f"web-{n}") for n in range(PODS))),)
    text = exposed(Seen(views, at=NOW))
    series = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(series) <= 14 * (sums.NAMESPACES + 1) + 1
    requests = [s for s in series if s.startswith("podtailor_request_cpu_cores") and "now" in s]
    assert sum(float(s.split()[-1]) for s in requests) == PODS * 0.25


def exposed(seen: Seen) -> str:
    registry = CollectorRegistry()
    registry.register(FleetCollector(lambda: seen, lambda now: minute_of))
    return generate_latest(registry).decode()


def test_the_metrics_are_in_base_units_and_summed_once_for_each_look() -> None:
    asked: list[float] = []

    def counted(now: float) -> object:
        asked.append(now)
        return minute_of

    looks = [Seen((view(),), at=NOW), Seen((view(),), at=NOW + 5)]
    seen = looks[0]
    collector = FleetCollector(lambda: seen, counted)  # type: ignore[arg-type]
    made = {
        s.name: s
        for f in collector.collect()
        for s in f.samples
        if "shop" in str(s) or not s.labels
    }
    assert made["podtailor_request_cpu_cores"].value == 0.5
    assert made["podtailor_used_memory_bytes"].value == 32 * MI
    assert made["podtailor_throttled_ratio"].value == 0.25
    assert made["podtailor_usage_age_seconds"].value == 7
    assert made["podtailor_containers_without_usage"].labels == {"workload_namespace": "shop"}
    collector.collect()
    assert asked == [NOW]
    seen = looks[1]
    collector.collect()
    assert asked == [NOW, NOW + 5]


def test_without_any_workload_nothing_is_claimed() -> None:
    series = [line for line in exposed(Seen()).splitlines() if not line.startswith("#")]
    assert series == []
