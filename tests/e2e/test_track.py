"""The policy `track` with real usage and shortened times: up under load, down once it idles.

One long test, because warming up takes two minutes. CPU alone: the programs of the tests hold next
to no memory.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.model import Phase, Resources, Size
from store.reasons import Reason
from tests.e2e.programs import Program, Programs
from tests.e2e.test_sizes_reach_pods import MEMORY, settled, status_of, uids
from tests.e2e.workloads import Shop, container, manifest, sized, sizes, until

_SMALL = [container(**sized("50m", "100m"))]
_GROWN = Size(Resources(150, MEMORY), Resources(300, MEMORY))
_TRACKED = {
    "podtailor.io/mode": "auto",
    "podtailor.io/policy": "track",
    "podtailor.io/resources": "cpu",
}
_SHORT = {"WINDOW": "180", "LEARNING": "60", "PAUSE": "30"}


@pytest.fixture
def tracking(programs: Programs, tmp_path: Path) -> Iterator[Program]:
    """A scaler that learns in a minute, instead of the session's."""
    programs.scaler.stop()
    environment = {
        **programs.scaler.environment,
        **{f"PODTAILOR_POLICY_TRACK_{name}": value for name, value in _SHORT.items()},
    }
    made = Program("scaler", environment, programs.scaler.health, tmp_path / "tracking.log")
    made.start()
    yield made
    made.kill()
    programs.scaler.start()


@pytest.mark.slow
def test_pinned_it_grows_by_a_factor_and_idle_it_shrinks(shop: Shop, tracking: Program) -> None:
    web = shop.create(manifest("ReplicationController", containers=_SMALL, annotations=_TRACKED))
    shop.load("web")
    until(lambda: settled(shop, web, _GROWN, 2), 300, lambda: status_of(shop, web))
    podsize = shop.podsize(web)
    assert podsize and podsize.status.reason is Reason.TRACKED
    assert podsize.status.message == "app: cpu 100m to 300m"
    tracked = [e for e in shop.events(web) if e[:2] == ("Normal", "Tracked")]
    assert any("3 times as much" in str(e) for e in tracked), tracked
    grown = uids(shop.pods("web"))

    def shrunk() -> bool:
        pods, podsize = shop.pods("web"), shop.podsize(web)
        limits = [sizes(p).limits.cpu or 0 for p in pods]
        done = podsize is not None and podsize.status.phase is Phase.SETTLED
        return done and len(pods) == 2 and all(0 < limit < 300 for limit in limits)

    until(shrunk, 420, lambda: status_of(shop, web))
    podsize = shop.podsize(web)
    assert podsize and podsize.status.reason is Reason.TRACKED
    newest = podsize.status.changes[0]
    assert (newest.container, newest.resource, newest.reason) == ("app", "cpu", Reason.TRACKED)
    assert newest.before == "300m"
    assert not grown & uids(shop.pods("web"))
