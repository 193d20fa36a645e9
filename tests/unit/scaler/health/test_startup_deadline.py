"""How long a new pod may take: every row of startup_deadline.py's table."""

import msgspec
import pytest
from msgspec.structs import replace as replaced

from kube import objects
from scaler.health.startup_deadline import Deadline, Startups, declared, remembered, startups
from tests.unit.scaler.builders import owner, pod, view
from tests.unit.scaler.troubled import ago, started, starting

BOUNDS = Deadline()


def pods(*took: float) -> list[object]:
    """Ready pods, the first of them the newest."""
    return [started(pod(f"p{i}"), took=t, made=3600.0 * (i + 1)) for i, t in enumerate(took)]


@pytest.mark.parametrize(
    ("took", "placed", "ready"),
    [
        ((), 60, 600),
        ((5,), 60, 60),
        ((30,), 90, 90),
        ((10, 40, 50), 120, 120),
        ((10, 40), 75, 75),
        ((300,), 600, 900),
        ((1500, 2400, 900), 600, 2700),
        ((100, 3000, 3000), 600, 600),
        ((9000,), 600, 7200),
        ((-40,), 60, 60),
        ((20, 20, 20, 30, 30, 500, 500, 500), 60, 60),
    ],
    ids=[
        *("nobody knows", "never less than the shortest", "three times as long", "the median"),
        *("of two", "what always took long may", "long, and of different length"),
        *("not what took long once or twice", "never more than two hours"),
        "a kubelet's clock is behind",
        "only the newest five count",
    ],
)
def test_a_deadline_follows_the_ordinary_start_ups(
    took: tuple[float, ...], placed: float, ready: float
) -> None:
    made = pods(*took)
    assert BOUNDS.to_be_placed(made) == pytest.approx(placed)  # type: ignore[arg-type]
    assert BOUNDS.to_be_ready(made) == pytest.approx(ready)  # type: ignore[arg-type]


def test_pods_that_are_not_ready_say_nothing_about_ordinary_start_ups() -> None:
    assert startups([starting(pod(), since=500)]) is None


def test_no_ordinary_start_up_is_ever_late() -> None:
    for seconds in range(1, 7000, 37):
        assert BOUNDS.to_be_ready(pods(seconds, seconds)) > seconds  # type: ignore[arg-type]


def restarted(took: float, *, again: float) -> objects.Pod:
    """Its container was started again `again` seconds before the pod became Ready."""
    made = started(pod(), took=took)
    running = {"startedAt": ago(3600 - took + again)}
    status = {"name": "nginx", "restartCount": 1, "state": {"running": running}}
    statuses = msgspec.convert([status], list[objects.ContainerStatus])
    return replaced(made, status=replaced(made.status, container_statuses=statuses))


def test_a_container_that_was_started_again_is_measured_from_then() -> None:
    assert startups([restarted(2000, again=40)]) == Startups(40, 40)


PROBE = {"initialDelaySeconds": 30, "periodSeconds": 20, "failureThreshold": 60}
SLOW = {"containers": [{"name": "nginx", "startupProbe": PROBE}]}


@pytest.mark.parametrize(
    ("template", "spec", "seconds"),
    [
        ({}, {}, 0),
        (SLOW, {}, 1230),
        ({"initContainers": [{"name": "side", "startupProbe": {}}]}, {}, 30),
        ({}, {"progressDeadlineSeconds": 2400}, 2400),
        ({}, {"progressDeadlineSeconds": 600}, 0),
        (SLOW, {"progressDeadlineSeconds": 900}, 1230),
    ],
    ids=["nothing", "a startup probe", "a sidecar's", "progress", "its default", "the larger"],
)
def test_a_template_declares_how_long_a_start_up_may_take(
    template: dict[str, object], spec: dict[str, object], seconds: float
) -> None:
    assert declared(view(whose=owner(template=template, spec=spec))) == seconds


def test_what_is_declared_counts_for_start_ups_only() -> None:
    bounds = Deadline(declared=1230)
    assert (bounds.to_be_placed([]), bounds.to_be_ready([])) == (60, 1230)
    assert bounds.to_be_ready(pods(5)) == 60, "it has been seen to be faster"  # type: ignore[arg-type]
    assert bounds.to_be_ready(pods(400, 10)) == pytest.approx(615)  # type: ignore[arg-type]
    assert Deadline(declared=1e6).to_be_ready([]) == 7200


def test_what_was_seen_while_pods_were_ready_counts_while_none_is() -> None:
    ready = view(started(pod(), took=900))
    known = remembered({}, [ready])
    none = view(starting(pod(), since=500))
    assert remembered(known, [none]) == known == {ready.workload: Startups(900, 900)}
    assert remembered(known, []) == {}
    assert Deadline(known=known[ready.workload]).to_be_ready(none.pods) == 2700


def test_a_longer_deadline_is_explained() -> None:
    assert BOUNDS.explained(pods(5)) is None  # type: ignore[arg-type]
    assert BOUNDS.explained(pods(900)) == "start-ups take 900 s, 2700 s are allowed"  # type: ignore[arg-type]
    declares = Deadline(declared=1230).explained([])
    assert declares == "as the template declares, 1230 s are allowed"
