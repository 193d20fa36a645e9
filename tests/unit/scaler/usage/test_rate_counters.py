"""Rates added up to counters: the same minutes as the kubelets' own would give."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kube import objects, timestamps
from scaler.usage import window
from scaler.usage.metrics_api import Key, Rate
from scaler.usage.rate_counters import Counter, add_up, added, recalled, silent, starts
from scaler.usage.window import Minute, NoMinute, Reading

KEY = ("shop", "web-1", "nginx")
AT = timestamps.seconds("2026-11-23T20:35:06Z") or 0.0
START = 1000.0
T = START + 300


def rate(at: float, window: float, cores: float = 0.1, several: bool = False) -> Rate:
    return Rate(KEY, at, window, cores, 64, several)


def counted(rates: Sequence[Rate], start: float = START) -> Counter:
    counter: Counter | None = None
    for one in rates:
        counter = added(counter, one, start, one.at)
    assert counter is not None
    return counter


STAYS, GOES_ON, RESTARTS = "stays", "goes on", "starts over"
RATES = [
    ("the same sample", rate(T, 15), STAYS),
    ("an older one, out of order", rate(T - 15, 15), STAYS),
    ("of a clock that was put back", rate(T - 121, 15), RESTARTS),
    ("of an earlier container of that name", rate(T + 1, T - START + 20), STAYS),
    ("the next", rate(T + 15, 15), GOES_ON),
    ("the next, its time cut off by almost a second more", rate(T + 15, 15.9), GOES_ON),
    ("the next, its time cut off by almost a second less", rate(T + 16, 15.1), GOES_ON),
    ("of two windows at once", rate(T + 15, 30), GOES_ON),
    ("of a window that begins within another", rate(T + 7, 15), STAYS),
    ("of a window after a gap", rate(T + 30, 15), RESTARTS),
    ("after a short gap, in a pod of several containers", rate(T + 20, 12, several=True), GOES_ON),
    ("after a long gap, in a pod of several containers", rate(T + 30, 15, several=True), RESTARTS),
    ("within another, in a pod of several containers", rate(T + 7, 15, several=True), STAYS),
]


@pytest.mark.parametrize(("name", "new", "outcome"), RATES, ids=[r[0] for r in RATES])
def test_a_rate_goes_on_from_where_its_window_began(name: str, new: Rate, outcome: str) -> None:
    before = counted([rate(T - 15, 15), rate(T, 15)])
    after = added(before, new, START, T + 20)
    assert after is not None
    if outcome == STAYS:
        assert after is before
    elif outcome == GOES_ON:
        assert after.points[:-1] == before.points and after.began == before.began
        assert abs(after.points[-1][0] - new.at) < 1
    else:
        assert after.points == ((new.at - new.window, 0.0), (new.at, 0.1 * new.window))
        assert after.began != before.began


def test_a_container_that_started_again_has_another_counter() -> None:
    before = counted([rate(T, 15)])
    after = added(before, rate(T + 15, 12), T + 3, T + 15)
    assert after is not None and after.started == T + 3 and len(after.points) == 2


def test_the_rate_of_an_earlier_container_is_no_beginning() -> None:
    assert added(None, rate(T, 15), T + 1, T + 5) is None


def minutes(
    rates: Sequence[Rate], start: float = START, started: dict[Key, float] | None = None
) -> list[Minute | NoMinute]:
    """What `window` says after each rate, each received three seconds after it was taken."""
    counters: dict[Key, Counter] = {}
    readings: tuple[Reading, ...] = ()
    out: list[Minute | NoMinute] = []
    for one in rates:
        now = one.at + 3
        counters, samples = add_up(counters, [one], started or {KEY: start}, now)
        for sample in samples:
            readings = window.add(readings, sample.reading)
        out.append(window.minute(readings, now))
    return out


def truncated(ends: Sequence[float], cores: Sequence[float]) -> list[Rate]:
    """As metrics-server reports samples taken at these times: whole seconds, windows exact."""
    spans = zip(ends, ends[1:], cores, strict=False)
    return [rate(float(int(b)), b - a, c) for a, b, c in spans]


steps = st.lists(st.floats(10, 18), min_size=14, max_size=40)
origins = st.floats(0, 1)


@given(steps, origins, st.floats(0, 64))
def test_constant_usage_gives_exactly_that_mean(
    steps: list[float], origin: float, cores: float
) -> None:
    ends = [START + origin]
    for step in steps:
        ends.append(ends[-1] + step)
    known = [m for m in minutes(truncated(ends, [cores] * len(ends))) if isinstance(m, Minute)]
    assert known
    for minute in known:
        assert minute.mean == pytest.approx(cores * 1000, rel=1e-9, abs=1e-9)
        assert window.SECONDS - 0.01 <= minute.seconds <= window.LONGEST


@given(st.data(), steps, origins)
def test_changing_usage_gives_the_mean_of_a_counter_that_was_read(
    data: st.DataObject, steps: list[float], origin: float
) -> None:
    cores = data.draw(st.lists(st.floats(0, 4), min_size=len(steps), max_size=len(steps)))
    ends, total = [START + origin], [0.0]
    for step, used in zip(steps, cores, strict=True):
        ends.append(ends[-1] + step)
        total.append(total[-1] + used * step)
    found = minutes(truncated(ends, cores))
    for i, minute in enumerate(found, start=1):
        if isinstance(minute, Minute):
            first = min(range(i), key=lambda j: abs(ends[i] - minute.seconds - ends[j]))
            mean = (total[i] - total[first]) / (ends[i] - ends[first]) * 1000
            assert minute.mean == pytest.approx(mean, rel=1e-6, abs=1e-6)


@given(steps, origins)
def test_the_first_minute_after_the_start_is_never_inside(
    steps: list[float], origin: float
) -> None:
    """The container starts with its first window and burns 4 cores until it is 60 s old."""
    started = START + origin
    ends, cores = [started], list[float]()
    for step in steps:
        ends.append(ends[-1] + step)
        cores.append(4.0 if ends[-2] < started + 60 else 0.1)
    found = minutes(truncated(ends, cores), started={KEY: float(int(started)) + 1})
    assert all(m.mean < 101 for m in found if isinstance(m, Minute))
    assert any(isinstance(m, Minute) for m in found)


@given(st.lists(st.tuples(st.floats(1, 40), st.floats(5, 40)), max_size=20))
def test_no_minute_bridges_what_no_window_covers(pairs: list[tuple[float, float]]) -> None:
    """Usage is 1 core where it is reported, so a mean below it would have counted a gap as idle."""
    at, rates = T, []
    for step, length in pairs:
        at = float(int(at + step))
        rates.append(rate(at, length, 1.0))
    assert all(m.mean == pytest.approx(1000) for m in minutes(rates) if isinstance(m, Minute))


def test_a_sample_that_comes_again_and_again_counts_once_and_grows_old() -> None:
    counters, samples = add_up({}, [rate(T, 15)], {KEY: START}, T + 3)
    assert len(samples) == 2
    for later in range(5, 100, 5):
        counters, samples = add_up(counters, [rate(T, 15)], {KEY: START}, T + later)
        assert not samples
    assert counters[KEY].received == T + 3


def test_two_metrics_servers_that_take_turns_are_one_counter() -> None:
    """Both read the same samples of the kubelet, but each skips some."""
    ends = [T + 10 * i for i in range(30)]
    odd, even = ends[::2], ends[1::2]
    rates = sorted(
        [rate(b, b - a) for turn in (odd, even) for a, b in pairwise(turn)],
        key=lambda r: r.at,
    )
    found = minutes(rates)
    assert isinstance(found[-1], Minute) and found[-1].mean == pytest.approx(100)


def test_counters_of_containers_that_are_gone_are_forgotten() -> None:
    counters, _ = add_up({}, [rate(T, 15)], {KEY: START}, T)
    assert KEY in add_up(counters, [], {}, T + 299)[0]
    assert not add_up(counters, [], {}, T + 301)[0]
    assert not add_up({}, [rate(T, 15)], {}, T)[0], "a container that does not run"


def pod(name: str, node: str, started: str | None, init: bool = False) -> objects.Pod:
    state = {"running": {"startedAt": started}} if started else {"waiting": {}}
    one = {"name": "nginx"}
    spec = {"containers": [] if init else [one], "nodeName": node}
    spec |= {"initContainers": [{**one, "restartPolicy": "Always"}]} if init else {}
    statuses = [{**one, "state": state}]
    made = {
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
        "status": {"initContainerStatuses" if init else "containerStatuses": statuses},
    }
    return msgspec.convert(made, objects.Pod)


def test_starts_are_the_latest_that_whole_seconds_allow_sidecars_included() -> None:
    pods = [pod("web-1", "a", "2026-11-23T20:35:06Z"), pod("web-2", "a", None)]
    pods.append(pod("web-3", "a", "2026-11-23T20:35:06Z", init=True))
    assert starts(pods) == {KEY: AT + 1, ("shop", "web-3", "nginx"): AT + 1}


def test_a_node_is_silent_when_its_old_containers_are_not_reported() -> None:
    pods = [pod("web-1", "a", "2026-11-23T20:35:06Z"), pod("web-2", "b", "2026-11-23T20:35:06Z")]
    pods.append(pod("web-3", "c", None))
    assert silent(pods, [rate(AT, 15)], AT + 61) == {"b"}
    assert silent(pods, [rate(AT, 15)], AT + 59) == set()


def test_counters_are_recalled_from_the_readings_that_were_made_of_them() -> None:
    counters: Mapping[Key, Counter] = {}
    readings: tuple[Reading, ...] = ()
    for n in range(1, 6):
        new = [rate(T + 15 * n, 15, 0.1 * n)]
        counters, samples = add_up(counters, new, {KEY: START}, T + 15 * n)
        for sample in samples:
            readings = window.add(readings, sample.reading)
    kubelets = {("shop", "web-2", "nginx", "node"): (Reading(T, T, 1.0, 1, START),)}
    assert recalled({(*KEY, "node"): readings, **kubelets}) == counters
