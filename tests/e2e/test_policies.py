"""Both policies live, with real usage: up and down, killed, throttled, by hand over them.

All workloads run side by side and are made once (sizing.py), as each of them needs two minutes
before anything is decided on it. So the tests are in the order in which things happen, and each one
waits for what the ones before have not waited for.
"""

from collections.abc import Iterator

import pytest

from kube.gateway import Gateway
from kube.objects import Pod
from store.model import Phase, Resources, Size, Status
from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.sizing import QUIET, Town, town
from tests.e2e.test_sizes_reach_pods import MEMORY, settled, uids
from tests.e2e.workloads import sizes, steadily, until

pytestmark = pytest.mark.slow

MI = 1024**2
_MANIFESTS, _DOUBLED, _TRIPLED = (
    Size(Resources(limit // 2, MEMORY), Resources(limit, MEMORY)) for limit in (100, 200, 300)
)
_BY_HAND = {"name": "app", "requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
_LOADED = ("loaded", "observed", "plain", "pinned")
POLICIES = ("double", "track")


@pytest.fixture(scope="module")
def side(
    gateway: Gateway, programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """The town, under load and with its sizes by hand."""
    with town(gateway, programs, tmp_path_factory.mktemp("sizing")) as made:
        for name in _LOADED:
            until(lambda n=name: _ready(made, n), 90)  # type: ignore[misc]
            made.shop.load(name)
        for name in ("web", "grown", "by-hand"):
            made.shop.by_hand(made.made[name], _BY_HAND)
        yield made


def test_a_size_by_hand_goes_over_each_policy(side: Town) -> None:
    for name, pods in (("web", 2), ("grown", 2), ("by-hand", 1)):
        until(
            lambda n=name, p=pods: _settled(side, n, _DOUBLED, p),  # type: ignore[misc]
            240,
            lambda n=name: side.status(n),  # type: ignore[misc]
        )
        assert side.status(name).reason is Reason.MANUAL


@pytest.mark.parametrize("name", ["double-hungry", "hungry-set", "track-hungry"])
def test_an_oom_loop_is_healed_in_two_steps_though_it_is_the_only_pod(
    side: Town, name: str
) -> None:
    """`single-replica: wait`: it is down already. Under a budget: tests/installed/test_surge.py."""

    def healed() -> bool:
        pods = side.shop.pods(name)
        return len(pods) == 1 and pods[0].ready and sizes(pods[0]).limits.memory == 112 * MI

    until(healed, 240, lambda: side.status(name))
    lines = [c for c in side.changes(name) if c.resource == "memory"]
    assert [(c.before, c.after, c.reason) for c in lines] == [
        ("28Mi", "56Mi", Reason.OOM_KILLED),
        ("56Mi", "112Mi", Reason.OOM_KILLED),
    ]
    assert side.status(name).restarts.count == 2
    assert side.notes(name, "OOMKilled")


@pytest.mark.parametrize("policy", POLICIES)
def test_bursts_are_seen_also_of_a_native_sidecar(side: Town, policy: str) -> None:
    grown = {"double": 200, "track": 300}[policy]
    for name, of in ((f"{policy}-bursty", "app"), (f"{policy}-native", "side")):
        throttled = lambda n=name, c=of: side.changed(n, Reason.THROTTLED, c)  # noqa: E731
        until(throttled, 180, lambda n=name: side.status(n))  # type: ignore[misc]
        until(lambda n=name, c=of: side.had(n, [grown], c), 120, lambda n=name: side.status(n))  # type: ignore[misc]


@pytest.mark.parametrize("policy", POLICIES)
def test_killed_by_its_probe_and_throttled_it_gets_more(side: Town, policy: str) -> None:
    name = f"{policy}-starved"
    until(lambda: side.changed(name, Reason.THROTTLED), 180, lambda: side.status(name))
    assert any("before its first minute" in note for note in side.notes(name, "Throttled"))


def test_at_its_limit_it_is_doubled_watched_or_left_alone_as_asked(side: Town) -> None:
    until(lambda: side.had("loaded", [200, 200]), 120, lambda: side.status("loaded"))
    change = side.changes("loaded")[0]
    assert (change.container, change.resource) == ("app", "cpu")
    assert (change.before, change.after, change.reason) == ("100m", "200m", Reason.DOUBLED)
    assert side.notes("loaded", "Doubled")
    until(lambda: bool(side.status("observed").wish), 120, lambda: side.status("observed"))
    seen = side.status("observed")
    assert seen.reason is Reason.OBSERVING and seen.wish[0].size.limits.cpu == 200
    assert seen.size is None and side.podsize("plain") is None
    assert _limits(side, "observed") == _limits(side, "plain") == [100]


def test_pinned_under_track_it_grows_by_a_factor(side: Town) -> None:
    def grown() -> bool:
        return any(c.after == "300m" for c in side.changes("pinned"))

    until(grown, 120, lambda: side.status("pinned"))
    assert any("3 times as much" in note for note in side.notes("pinned", "Tracked"))


def test_an_idle_program_of_20_mi_gets_no_more_than_32(side: Town) -> None:
    def small() -> bool:
        pods = side.shop.pods("holds")
        return len(pods) == 1 and pods[0].ready and (sizes(pods[0]).limits.memory or 0) <= 32 * MI

    until(small, 120, lambda: side.status("holds"))
    assert any(c.reason is Reason.TRACKED for c in side.changes("holds"))


def test_quiet_outlives_the_scaler_and_ends_in_a_halving(side: Town) -> None:
    """As soon as the size by hand is removed, the policy decides on what it has left."""
    # Whatever the policy would make of it; its memory is the policy's all the same.
    until(lambda: _limits(side, "by-hand") == [200], 60, lambda: side.status("by-hand"))
    before = uids(side.shop.pods("web"))
    for name in ("web", "grown", "by-hand"):
        side.shop.by_hand(side.made[name])
    until(lambda: _quiet(side) > 0, 120, lambda: side.status("web"))
    side.scaler.kill()
    number = _quiet(side)
    steadily(lambda: _quiet(side) == number, 2)
    side.scaler.start()
    fewest, seen = 2, [number]

    def halved() -> bool:
        nonlocal fewest
        pods = side.shop.pods("web")
        fewest = min(fewest, sum(p.ready for p in pods))
        status = side.status("web")  # once: between two reads it may be halved, and its quiet over
        if not any(change.reason is Reason.HALVED for change in status.changes):
            seen.append(_seconds(status))
        return _settled(side, "web", _MANIFESTS, 2)

    until(halved, 60 + 2 * QUIET + 120, lambda: side.status("web"))
    assert min(seen) >= number, f"the restart lost what was read before it: {seen}"
    assert fewest >= 1, "one pod at a time"
    assert not before & uids(side.shop.pods("web"))
    assert side.status("web").reason is Reason.HALVED and side.status("web").quiet == ()
    newest = side.changes("web")[-1]
    assert (newest.reason, newest.before, newest.after) == (Reason.HALVED, "200m", "100m")
    assert side.notes("web", "Halved")


def test_idle_under_track_it_shrinks(side: Town) -> None:
    for name, most, pods in (("pinned", 300, 2), ("by-hand", 200, 1)):

        def shrunk(name: str = name, most: int = most, pods: int = pods) -> bool:
            limits, done = _limits(side, name), side.status(name).phase is Phase.SETTLED
            return done and len(limits) == pods and all(0 < x < most for x in limits)

        until(shrunk, 180, lambda n=name: side.status(n))  # type: ignore[misc]
        shrinking = [(c.before, c.reason) for c in side.changes(name)]
        assert (f"{most}m", Reason.TRACKED) in shrinking, shrinking


def test_in_the_end_nothing_is_written_any_more(side: Town) -> None:
    assert _settled(side, "grown", _DOUBLED, 2), "`direction: up` never shrinks"
    # The scaler that was killed above may have made its quiet start over.
    lowest = lambda: side.status("idle").reason is Reason.AT_MINIMUM  # noqa: E731
    until(lowest, 60 + 2 * QUIET, lambda: side.status("idle"))

    def versions() -> list[str]:
        found = [side.podsize(name) for name in ("web", "grown", "idle")]
        return [one.resource_version for one in found if one]

    seen = versions()
    steadily(lambda: versions() == seen, 10)


@pytest.mark.parametrize("policy", POLICIES)
def test_page_cache_is_no_need(side: Town, policy: str) -> None:
    lines = [c for c in side.changes(f"{policy}-files") if c.resource == "memory"]
    assert not any(c.reason in (Reason.MEMORY_PRESSURE, Reason.OOM_KILLED) for c in lines), lines
    assert [x for x in _limits(side, f"{policy}-files", memory=True) if x > 24 * MI] == []


def _ready(side: Town, name: str) -> bool:
    pods = side.shop.pods(name)
    return bool(pods) and all(p.ready for p in pods)


def _settled(side: Town, name: str, size: Size, pods: int) -> bool:
    return settled(side.shop, side.made[name], size, pods)


def _limits(side: Town, name: str, of: str = "app", *, memory: bool = False) -> list[int]:
    """Of its pods that are Ready and stay."""
    pods: list[Pod] = [p for p in side.shop.pods(name) if not p.metadata.deletion_timestamp]
    found = [sizes(p, of).limits for p in pods if p.ready]
    return [(one.memory if memory else one.cpu) or 0 for one in found]


def _quiet(side: Town) -> int:
    return _seconds(side.status("web"))


def _seconds(status: Status) -> int:
    """How long it has been quiet, as the status has it."""
    return max((q.seconds for q in status.quiet), default=0)
