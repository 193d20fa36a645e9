"""Use against request and limit: the container that is nearest to its limit, and the waste."""

import pytest
from msgspec.structs import replace

from kube import objects
from scaler.page import use
from scaler.usage.window import Minute, NoMinute
from store.model import Resources, Size
from store.reasons import Reason
from tests.unit.scaler.builders import MI, NOW, pod, size, view

USED = {"web-1": (487.0, 40 * MI), "web-2": (100.0, 90 * MI)}


def minute_of(pod: objects.Pod, container: str) -> Minute | NoMinute:
    if pod.metadata.name not in USED:
        return NoMinute(Reason.WARMING_UP, "")
    mean, memory = USED[pod.metadata.name]
    return Minute(mean, 60.0, memory, NOW)


def test_the_fullest_container_of_any_pod_is_shown_each_resource_on_its_own() -> None:
    found = use.uses(view(), minute_of)
    fullest = {r: use.fullest(found, r) for r in ("cpu", "memory")}
    assert {r: f and f.pod.metadata.name for r, f in fullest.items()} == {
        "cpu": "web-1",
        "memory": "web-2",
    }
    assert fullest["cpu"] is not None
    assert fullest["cpu"].used("cpu") == 487 and fullest["cpu"].size.pair("cpu") == (250, 500)


def test_a_pod_without_a_minute_and_one_that_is_going_are_left_out() -> None:
    assert use.uses(view(pod("web-9")), minute_of) == []
    assert use.uses(view(pod("web-1", going=True)), minute_of) == []
    assert use.fullest([], "cpu") is None


def test_quantities_that_cannot_be_read_show_no_usage_and_break_nothing() -> None:
    spec = {"requests": {"cpu": "many"}}
    broken = pod("web-1", containers=[{"name": "nginx", "resources": spec}])
    assert use.uses(view(broken), minute_of) == []


@pytest.mark.parametrize(
    ("sized", "share"),
    [
        (size(), 487 / 500),
        (size((250, None)), 487 / 250),
        (Size(Resources(), Resources(cpu=1000)), 487 / 1000),
        (Size(), -1.0),
    ],
)
def test_the_share_is_of_the_limit_else_of_the_request(sized: Size, share: float) -> None:
    one = use.uses(view(), minute_of)[0]
    assert replace(one, size=sized).share("cpu") == pytest.approx(share)


def test_waste_is_what_is_requested_and_not_used_in_all_pods_together() -> None:
    found = use.uses(view(), minute_of)
    assert use.waste(found, "cpu") == 150, "web-1 uses more than its request: that is no waste"
    assert use.waste(found, "memory") == 24 * MI
    assert use.waste([], "cpu") is None
    assert use.waste([replace(u, size=Size()) for u in found], "cpu") is None
