"""The readings of each container by pod, and the minute that is made of them."""

import msgspec
import pytest

from kube import objects, timestamps
from scaler.usage.kubelet_metrics import Sample
from scaler.usage.storage import Windows
from scaler.usage.window import Minute, NoMinute, Reading
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, pod


def made(started: float | None) -> objects.Pod:
    running = {} if started is None else {"running": {"startedAt": timestamps.text(started)}}
    found = [{"name": "nginx", "state": running}]
    status = msgspec.convert(found, list[objects.ContainerStatus])
    made = pod()
    return msgspec.structs.replace(
        made, status=msgspec.structs.replace(made.status, container_statuses=status)
    )


def sample(at: float, started: float, cpu: float = 0.0) -> Sample:
    return Sample("shop", "web-1", "nginx", Reading(at, at, cpu, 5, started))


def reason(windows: Windows, started: float | None, now: float = NOW) -> Reason:
    got = windows.minute(made(started), "nginx", now)
    assert isinstance(got, NoMinute), got
    return got.reason


def test_a_pod_that_is_not_asked_for_yet_is_warming_up() -> None:
    """The scaler has just begun, or the workload has just been enrolled."""
    windows = Windows()
    assert reason(windows, NOW - 9999) is Reason.WARMING_UP
    windows.expect([("shop", "other")], NOW - 61)
    windows.take_in([], NOW - 61)
    assert reason(windows, NOW - 9999) is Reason.WARMING_UP


def test_a_container_without_readings_after_a_minute_has_no_usage() -> None:
    windows = Windows()
    for at in (NOW - 61, NOW - 5):
        windows.expect([("shop", "web-1")], at)
    windows.take_in([], NOW - 61)
    assert reason(windows, NOW - 9999) is Reason.NO_USAGE
    assert reason(windows, None) is Reason.NO_USAGE


def test_a_young_container_without_readings_is_warming_up() -> None:
    windows = Windows()
    windows.expect([("shop", "web-1")], NOW - 999)
    windows.take_in([], NOW - 999)
    assert reason(windows, NOW - 60) is Reason.WARMING_UP


def test_readings_of_an_earlier_container_do_not_count() -> None:
    windows = Windows()
    for at in (NOW - 70, NOW - 5):
        windows.take_in([sample(at, NOW - 9999)], at)
    assert reason(windows, NOW - 30) is Reason.WARMING_UP
    assert isinstance(windows.minute(made(NOW - 9999), "nginx", NOW), Minute)


def test_a_container_that_runs_for_long_is_not_warming_up_though_its_kubelet_is_silent() -> None:
    """What is known of an earlier one of its name changes nothing."""
    windows = Windows()
    windows.expect([("shop", "web-1")], NOW - 999)
    windows.take_in([sample(NOW - 200, NOW - 9999)], NOW - 200)
    assert reason(windows, NOW - 190, NOW - 80) is Reason.WARMING_UP
    assert reason(windows, NOW - 190) is Reason.NO_USAGE
    windows.take_in([], NOW, {pod().spec.node_name or "": "timed out"})
    got = windows.minute(made(NOW - 190), "nginx", NOW)
    assert isinstance(got, NoMinute) and got.message.endswith("timed out")


def test_a_node_may_take_seconds_between_a_container_s_making_and_its_start() -> None:
    """Found on an emulated node: readings were taken for an earlier container's."""
    windows, slow = Windows(), made(NOW - 290)
    for at in (NOW - 70, NOW - 5):
        windows.take_in([sample(at, NOW - 300)], at)
    took_up = msgspec.structs.replace(slow.status, start_time=timestamps.text(NOW - 310))
    slow = msgspec.structs.replace(slow, status=took_up)
    assert isinstance(windows.minute(slow, "nginx", NOW), Minute)


def test_readings_of_an_earlier_pod_do_not_count_before_the_container_starts() -> None:
    """Found by simulation: a StatefulSet's new pod was believed to be as hot as the old one."""
    windows = Windows()
    for at in (NOW - 70, NOW - 5):
        windows.take_in([sample(at, NOW - 9999)], at)
    starting = made(None)
    young = msgspec.structs.replace(starting.metadata, creation_timestamp=timestamps.text(NOW - 20))
    got = windows.minute(msgspec.structs.replace(starting, metadata=young), "nginx", NOW)
    assert isinstance(got, NoMinute) and got.reason is Reason.WARMING_UP


def test_a_minute_is_known_from_its_readings() -> None:
    windows = Windows()
    for at, cpu in ((NOW - 65, 10.0), (NOW - 5, 40.0)):
        windows.take_in([sample(at, NOW - 9999, cpu)], at)
    got = windows.minute(made(None), "nginx", NOW)
    assert isinstance(got, Minute) and got.mean == pytest.approx(500)


def test_containers_that_fell_silent_are_forgotten() -> None:
    windows = Windows()
    windows.expect([("shop", "web-1")], NOW - 400)
    windows.take_in([sample(NOW - 400, NOW - 9999)], NOW - 400)
    assert reason(windows, NOW - 9999, NOW - 300) is Reason.STALE_USAGE
    windows.take_in([], NOW)
    assert reason(windows, NOW - 9999) is Reason.NO_USAGE


def test_pods_whose_readings_are_others_are_news_once() -> None:
    windows, web = Windows(), {("shop", "web-1")}
    windows.take_in([sample(NOW - 400, NOW - 9999)], NOW - 400)
    assert windows.news() == web
    windows.take_in([sample(NOW - 400, NOW - 9999)], NOW - 395)
    assert windows.news() == frozenset(), "the kubelet repeats what it had"
    windows.take_in([], NOW)
    assert windows.news() == web, "they are forgotten"
    assert windows.news() == frozenset()


def test_two_kubelets_that_report_a_pod_of_one_name_are_told_apart() -> None:
    """A node that was away comes back with its old pod, while the new one runs elsewhere."""
    windows = Windows()
    replace = msgspec.structs.replace
    pods = {
        node: replace(made(NOW - 500), spec=replace(made(None).spec, node_name=node))
        for node in ("here", "there")
    }
    for step in range(14):
        at = NOW - 130 + 10 * step
        for node, cores in (("here", 0.1), ("there", 0.9)):
            seen = replace(sample(at, NOW - 500, cores * step * 10), node=node)
            windows.take_in([seen], at)
    means = {}
    for node, one in pods.items():
        minute = windows.minute(one, "nginx", NOW)
        assert isinstance(minute, Minute)
        means[node] = round(minute.mean)
    assert means == {"here": 100, "there": 900}


def test_readings_of_an_earlier_process_are_gone_on_with() -> None:
    before, after = Windows(), Windows()
    for at in range(10):
        before.take_in([sample(NOW - 100 + 10 * at, NOW - 9999, float(at))], NOW - 100 + 10 * at)
    kept = before.kept({("shop", "web-1")})
    assert before.kept({("shop", "other")}) == {}
    after.take_up(kept)
    assert not after.read
    after.take_in([sample(NOW, NOW - 9999, 10.0)], NOW)
    before.take_in([sample(NOW, NOW - 9999, 10.0)], NOW)
    assert after.read
    assert after.minute(made(NOW - 9999), "nginx", NOW) == before.minute(
        made(NOW - 9999), "nginx", NOW
    )


def test_what_this_process_has_read_itself_counts_more() -> None:
    windows = Windows()
    windows.take_in([sample(NOW, NOW - 9999)], NOW)
    known = windows.kept({("shop", "web-1")})
    windows.take_up({key: () for key in known})
    assert windows.kept({("shop", "web-1")}) == known


def test_a_minute_that_covers_a_time_as_well_is_longer() -> None:
    windows = Windows()
    for at in range(11):
        windows.take_in([sample(NOW - 100 + 10 * at, NOW - 9999, float(at))], NOW - 100 + 10 * at)
    web = made(NOW - 9999)
    lengths = {}
    for since in (30, 60, 75, 95):
        minute = windows.minute(web, "nginx", NOW, NOW - since)
        assert isinstance(minute, Minute)
        lengths[since] = minute.seconds
    assert lengths == {30: 60.0, 60: 60.0, 75: 80.0, 95: 100.0}
    got = windows.minute(web, "nginx", NOW, NOW - 130)
    assert isinstance(got, NoMinute), "no reading is that old"
