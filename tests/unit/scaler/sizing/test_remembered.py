"""The long windows of a workload, fed cycle by cycle."""

import msgspec
from msgspec import structs
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.policies.policy import Horizon
from scaler.sizing import remembered
from scaler.sizing.evidence import Watched
from scaler.sizing.remembered import LongWindows
from scaler.usage.window import Minute, NoMinute
from store.model import Status
from store.reasons import Reason
from store.records import StartUp
from tests.unit.scaler.builders import LONG_AGO, MI, NOW, asked, pod, view
from tests.unit.scaler.kinds_of_node import kept, made, workload

R = Reason


def seen(policy: str = "track", **annotations: str) -> View:
    settings = asked(policy=policy, **annotations)
    assert isinstance(settings, Settings)
    return view(running("web-1"), running("web-2"), settings=settings)


def running(name: str) -> objects.Pod:
    """For long."""
    state = {"running": {"startedAt": LONG_AGO}}
    status = {"phase": "Running", "containerStatuses": [{"name": "nginx", "state": state}]}
    return structs.replace(pod(name), status=msgspec.convert(status, objects.PodStatus))


def fed(
    about: View, *minutes: Minute | NoMinute, before: LongWindows | None = None, now: float = NOW
) -> LongWindows:
    """With one minute for each pod."""

    def minute_of(p: objects.Pod, container: str) -> Minute | NoMinute:
        return minutes[int(p.metadata.name[-1]) - 1]

    return remembered.fed(before or {}, about, Watched(minute_of, now, horizon=Horizon(7200.0)))


def used(mean: float, memory: int, needed: int | None = None) -> Minute:
    return Minute(mean, 60.0, memory * MI, NOW, needed_peak=needed and needed * MI)


def test_it_has_the_busiest_replica_and_the_largest() -> None:
    window = fed(seen(), used(100, 90, 10), used(300, 20, 15))["nginx"]
    assert [mean for _, mean in window.recent] == [300]
    assert (window.memory, window.needed) == (90 * MI, 15 * MI)


def test_a_replica_that_is_not_known_may_be_the_busiest() -> None:
    assert fed(seen(), used(100, 90), NoMinute(R.NO_USAGE, "why")) == {}
    first = fed(seen(), used(100, 90), used(100, 90))
    again = fed(seen(), used(1, 1), NoMinute(R.STALE_USAGE, "why"), before=first, now=NOW + 60)
    assert again["nginx"] is first["nginx"]


def test_a_minute_is_counted_once_however_often_it_is_looked_at() -> None:
    first = fed(seen(), used(100, 90), used(100, 90))
    soon = fed(seen(), used(100, 90), used(100, 90), before=first, now=NOW + 5)
    assert soon["nginx"] is first["nginx"]
    later = fed(seen(), used(100, 90), used(100, 90), before=soon, now=NOW + 60)
    assert later["nginx"].minutes == 2


def test_only_a_policy_that_asks_for_one_has_a_window() -> None:
    assert fed(seen("double"), used(1, 1), used(1, 1)) == {}
    one = seen()
    assert fed(replace(one, settings=None), used(1, 1), used(1, 1)) == {}
    off = seen(mode__nginx="off")
    assert fed(off, used(1, 1), used(1, 1)) == {}


def test_a_container_may_have_a_policy_of_its_own() -> None:
    own = seen("double", policy__nginx="track")
    assert set(fed(own, used(1, 1), used(1, 1))) == {"nginx"}


def test_what_is_known_stays_while_no_pod_is_there_or_an_annotation_is_malformed() -> None:
    first = fed(seen(), used(100, 90), used(100, 90))
    assert fed(replace(seen(), pods=()), before=first, now=NOW + 60)["nginx"] is first["nginx"]
    mistyped = replace(seen(), settings=asked(policy="tracks"))
    assert fed(mistyped, before=first, now=NOW + 60)["nginx"] is first["nginx"]
    gone = replace(seen(), pods=(), owner=None)
    assert fed(gone, before=first, now=NOW + 60) == {}


def test_in_a_start_up_memory_is_remembered_and_cpu_is_not() -> None:
    first = fed(seen(), used(100, 90), used(100, 90))
    known = Status(start_ups=(StartUp("nginx", 600, 1),))
    early = view(running("web-1"), running("web-2"), settings=seen().settings, status=known)
    began = timestamps.seconds(LONG_AGO) or 0.0
    minute = structs.replace(used(400, 200, 150), received=began + 300.0)
    both = fed(early, minute, minute, before=first, now=began + 300.0)["nginx"]
    assert both.minutes == 1 and [mean for _, mean in both.recent] == [100]
    assert (both.memory, both.needed) == (200 * MI, 150 * MI)
    assert fed(early, minute, minute, now=began + 300.0) == {}


def by_kind(before: LongWindows | None = None, *, pi: bool = True, now: float = NOW) -> LongWindows:
    """A server's pod uses 100m, a Pi's 400m; `pi`: whether that is there."""
    size = kept(server=None, pi=2000)
    pods = [made("a", "fast-1", size, "server"), made("b", "pi-1", size, "pi")]
    about = workload(*pods[: 1 + pi], size=size, strategy="resize")
    about = replace(about, settings=asked(policy="track", per_node="on", strategy="resize"))

    def minute_of(p: objects.Pod, container: str) -> Minute:
        return used(100 if p.metadata.name == "a" else 400, 90)

    return remembered.fed(before or {}, about, Watched(minute_of, now, horizon=Horizon(7200.0)))


def test_each_kind_of_node_has_a_window_of_its_own() -> None:
    means = {key: [mean for _, mean in w.recent] for key, w in by_kind().items()}
    assert means == {"nginx@server": [100], "nginx@pi": [400]}


def test_the_window_of_a_kind_that_vanishes_is_kept_while_it_has_a_size() -> None:
    first = by_kind()
    later = by_kind({**first, "nginx@gone": first["nginx@pi"]}, pi=False, now=NOW + 60)
    assert later["nginx@pi"] is first["nginx@pi"]
    assert later["nginx@server"] is not first["nginx@server"]
    assert "nginx@gone" not in later
