"""The minute's largest use, as an agent has seen it: the table of sampled_minutes.py."""

import pytest

from kube import objects
from link import messages
from scaler.agents.counting import Summary
from scaler.sizing.sampled_minutes import sampled, with_peak
from scaler.usage.window import Minute, NoMinute
from store.reasons import Reason
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.running import running

ID = "a" * 64
POD = running("web-1", {"nginx": ID})
KUBELET = Minute(120.0, 60.0, 1000, NOW, 200.0, 0.1, 500, 600, short=False)
LONG_AGO = NOW - 3600.0


def summary(peak: float, ago: float = 1.0) -> Summary:
    """Of a minute that ended so many seconds ago."""
    return Summary(NOW - ago, messages.Minute(ID, 60.0, peak / 4, peak, 0.9, 0.2))


def test_the_largest_use_in_100_ms_is_the_minutes() -> None:
    found = with_peak(KUBELET, summary(499.0), LONG_AGO)
    assert found == Minute(120.0, 60.0, 1000, NOW, 499.0, 0.1, 500, 600, short=False)


def test_it_never_makes_a_minute_smaller() -> None:
    assert with_peak(KUBELET, summary(0.0), LONG_AGO) == KUBELET
    only_mean = Minute(120.0, 60.0, 1000, NOW)
    assert with_peak(only_mean, summary(100.0), LONG_AGO) == only_mean
    assert with_peak(only_mean, summary(130.0), LONG_AGO).peak == 130.0


@pytest.mark.parametrize(("age", "counts"), [(122.0, True), (120.0, False), (None, False)])
def test_a_containers_first_minute_is_left_out(age: float | None, counts: bool) -> None:
    started = None if age is None else NOW - age
    assert (with_peak(KUBELET, summary(499.0), started).peak == 499.0) is counts


def test_a_silent_agent_leaves_the_kubelets_minute() -> None:
    assert sampled(lambda pod, name: KUBELET, lambda pod, name: None)(POD, "nginx") is KUBELET


def test_an_agent_makes_no_minute_where_no_kubelet_has_said_anything() -> None:
    none = NoMinute(Reason.STALE_USAGE, "the newest usage was read 100 s ago")
    assert sampled(lambda pod, name: none, lambda pod, name: summary(499.0))(POD, "nginx") is none


def test_of_each_container_its_own_is_asked_for() -> None:
    def of(pod: objects.Pod, name: str) -> Summary | None:
        return summary(499.0) if (pod, name) == (POD, "nginx") else None

    minute_of = sampled(lambda pod, name: KUBELET, of)
    found = minute_of(POD, "nginx")
    assert isinstance(found, Minute) and found.peak == 499.0
    assert minute_of(POD, "proxy") == KUBELET
