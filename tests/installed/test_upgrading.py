"""Upgrades and rollbacks: sizes, trust and other workloads' pods survive them.

There is no earlier release of the chart yet: both versions are this chart, with different values.
Both Helm versions are tested in tests/chart/test_installed.py.
"""

from tests.e2e.test_sizes_reach_pods import uids
from tests.e2e.workloads import Shop, until
from tests.installed.asking import Asker, Stream
from tests.installed.conftest import HAND
from tests.installed.release import Release

CHANGED = ("scaler.interval=3", "webhook.replicas=3", "log.format=json", "policy.cpuMax=4")


def authority(release: Release) -> str:
    """The CA and the leaf that are stored."""
    names = ("podtailor-ca", "podtailor-webhook-tls")
    data = [release.get(release.path("secrets", name, "api/v1"))["data"] for name in names]
    return " ".join(one["tls.crt"] for one in data)


def test_an_upgrade_and_its_rollback_lose_no_size(
    release: Release, shop: Shop, asker: Asker
) -> None:
    pods, stored, pair = uids(shop.pods()), shop.podsize(asker.workload), authority(release)
    assert stored and stored.status.size
    with Stream(asker, HAND, 10) as asked:
        release.upgrade(*CHANGED)
        until(lambda: release.ready("webhook", 3), 30)
        assert '"level"' in release.log()
        release.rollback()
    print(f"upgrade and rollback: {asked}")
    assert (asked.without, asked.refused) == ([], [])
    until(release.whole, 30)
    after = shop.podsize(asker.workload)
    assert after and after.status.size == stored.status.size
    assert (uids(shop.pods()), authority(release)) == (pods, pair)
