"""Policy `double` under real load: a pod at 90 % of its limit for a minute gets twice as much."""

import pytest

from store.model import Resources, Size
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import MEMORY, settled, status_of, uids
from tests.e2e.workloads import Shop, container, manifest, sized, sizes, until

_SMALL = [container(**sized("50m", "100m"))]
_DOUBLED = Size(Resources(100, MEMORY), Resources(200, MEMORY))


@pytest.mark.slow
def test_a_pod_at_its_limit_is_doubled_watched_or_left_alone_as_asked(shop: Shop) -> None:
    asked = {"auto": "auto", "observed": "observe", "plain": None}
    made = {
        name: shop.create(
            manifest(
                "ReplicationController",
                name,
                containers=_SMALL,
                annotations={"podtailor.io/mode": mode} if mode else {},
            )
        )
        for name, mode in asked.items()
    }
    before = {name: uids(shop.pods(name)) for name in made}
    for name in made:
        shop.load(name)
    auto, observed = made["auto"], made["observed"]
    until(lambda: settled(shop, auto, _DOUBLED, 2), 240, lambda: status_of(shop, auto))
    podsize = shop.podsize(auto)
    assert podsize and podsize.status.reason is Reason.DOUBLED
    change = podsize.status.changes[0]
    assert (change.container, change.resource) == ("app", "cpu")
    assert (change.before, change.after, change.reason) == ("100m", "200m", Reason.DOUBLED)
    assert any(e[:2] == ("Normal", "Doubled") for e in shop.events(auto))

    def wished() -> bool:
        seen = shop.podsize(observed)
        return bool(seen and seen.status.wish and seen.status.reason is Reason.OBSERVING)

    until(wished, 60, lambda: status_of(shop, observed))
    seen = shop.podsize(observed)
    assert seen and seen.status.size is None and seen.status.wish[0].size.limits.cpu == 200
    for name in ("observed", "plain"):
        assert uids(shop.pods(name)) == before[name]
        assert all(sizes(p).limits.cpu == 100 for p in shop.pods(name))
    assert shop.podsize(made["plain"]) is None
