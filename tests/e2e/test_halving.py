"""A container that is quiet for long enough is halved, with real usage and shortened times.

One long test, because warming up takes two minutes: the container doubles under load, idles, the
scaler is killed while it is quiet, and in the end everything is stable at the manifest's size.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.model import PodSize, Resources, Size, Workload
from store.reasons import Reason
from tests.e2e.programs import Program, Programs
from tests.e2e.test_sizes_reach_pods import MEMORY, settled, status_of, uids
from tests.e2e.workloads import Shop, container, manifest, sized, sizes, steadily, until

_QUIET = 45.0
_SMALL = [container(**sized("50m", "100m"))]
_MANIFESTS = Size(Resources(50, MEMORY), Resources(100, MEMORY))
_DOUBLED = Size(Resources(100, MEMORY), Resources(200, MEMORY))


@pytest.fixture
def patient(programs: Programs, tmp_path: Path) -> Iterator[Program]:
    """A scaler with a short quiet time, instead of the session's."""
    programs.scaler.stop()
    environment = {**programs.scaler.environment, "PODTAILOR_POLICY_HALVE_QUIET": f"{_QUIET:.0f}"}
    made = Program("scaler", environment, programs.scaler.health, tmp_path / "patient.log")
    made.start()
    yield made
    made.kill()
    programs.scaler.start()


@pytest.mark.slow
def test_a_size_that_doubled_under_load_is_halved_when_it_idles_and_stays(
    shop: Shop, patient: Program
) -> None:
    up = {"podtailor.io/mode": "auto", "podtailor.io/direction": "up"}
    web = shop.create(manifest("ReplicationController", containers=_SMALL))
    grows = shop.create(manifest("Deployment", "grows", containers=_SMALL, annotations=up))
    idle = shop.create(manifest("StatefulSet", "idle", containers=_SMALL))
    shop.load("web")
    shop.load("grows")
    until(lambda: settled(shop, web, _DOUBLED, 2), 300, lambda: status_of(shop, web))
    until(lambda: settled(shop, grows, _DOUBLED, 2), 60, lambda: status_of(shop, grows))
    doubled = uids(shop.pods("web"))

    until(lambda: _kept(shop.podsize(web)) > 0, 300, lambda: status_of(shop, web))
    patient.kill()
    number = _kept(shop.podsize(web))
    steadily(lambda: _kept(shop.podsize(web)) == number, 2)
    patient.start()
    fewest, least = 2, number
    began = time.monotonic()

    def halved() -> bool:
        nonlocal fewest, least
        fewest = min(fewest, sum(p.ready for p in shop.pods("web")))
        if any(sizes(p) == _DOUBLED for p in shop.pods("web")):
            stored = shop.podsize(web)
            if _size(stored) == _DOUBLED:
                least = min(least, _kept(stored))
        return settled(shop, web, _MANIFESTS, 2)

    until(halved, 240, lambda: status_of(shop, web))
    assert least >= number, "the restart did not lose what was read before it"
    assert fewest >= 1, "one pod at a time"
    assert time.monotonic() - began > _QUIET / 3, "the last third was read again"
    assert not doubled & uids(shop.pods("web"))

    podsize = shop.podsize(web)
    assert podsize and podsize.status.reason is Reason.HALVED
    assert [(c.reason, c.before, c.after) for c in podsize.status.changes] == [
        (Reason.HALVED, "200m", "100m"),
        (Reason.DOUBLED, "100m", "200m"),
    ]
    assert podsize.status.quiet == ()
    assert any(e[:2] == ("Normal", "Halved") for e in shop.events(web))

    resting = shop.podsize(idle)
    assert resting and resting.status.reason is Reason.AT_MINIMUM
    versions = [_version(shop, w) for w in (web, grows, idle)]
    steadily(lambda: [_version(shop, w) for w in (web, grows, idle)] == versions, 15)
    assert settled(shop, grows, _DOUBLED, 2), "`direction: up` never shrinks"
    assert _reason(shop, grows) is Reason.DOUBLED


def _kept(podsize: PodSize | None) -> int:
    return max((q.seconds for q in podsize.status.quiet), default=0) if podsize else 0


def _size(podsize: PodSize | None) -> Size | None:
    """The stored CPU, with the memory of the test's containers."""
    size = podsize.status.size if podsize else None
    if size is None:
        return None
    found = size.containers[0].size
    return Size(Resources(found.requests.cpu, MEMORY), Resources(found.limits.cpu, MEMORY))


def _reason(shop: Shop, workload: Workload) -> Reason | None:
    podsize = shop.podsize(workload)
    return podsize.status.reason if podsize else None


def _version(shop: Shop, workload: Workload) -> str:
    podsize = shop.podsize(workload)
    assert podsize
    return podsize.resource_version
