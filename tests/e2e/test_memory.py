"""Policy `double` and what the kernel knows: killed, throttled, full of page cache; live.

The four workloads run side by side, so that their minutes pass at the same time.
"""

from functools import partial

import pytest

from store.model import PodSize, Workload
from store.reasons import Reason
from store.records import Change
from tests.e2e.hungry import BURSTY, FILES, HUNGRY, both, healed, program
from tests.e2e.workloads import Shop, manifest, sizes, until


def status(shop: Shop, workload: Workload) -> PodSize | None:
    return shop.podsize(workload)


def changes(shop: Shop, workload: Workload) -> list[Change]:
    found = shop.podsize(workload)
    return list(reversed(found.status.changes)) if found else []


def restarts(shop: Shop, workload: Workload) -> int:
    found = shop.podsize(workload)
    return found.status.restarts.count if found else 0


def throttled(shop: Shop, workload: Workload, container: str) -> bool:
    lines = changes(shop, workload)
    return any(c.reason is Reason.THROTTLED and c.container == container for c in lines)


@pytest.mark.slow
def test_an_oom_loop_is_healed_in_two_steps_though_it_is_the_only_pod(shop: Shop) -> None:
    """`single-replica: wait`: it is down already. Under a budget: tests/installed/test_surge.py."""
    hungry = program(HUNGRY, **both("300m", "28Mi"))
    made = {
        kind: shop.create(
            manifest(kind, kind.lower(), replicas=1, containers=[hungry]), ready=False
        )
        for kind in ("Deployment", "StatefulSet")
    }
    for workload in made.values():
        until(partial(healed, shop, workload), 150, partial(status, shop, workload))
        lines = changes(shop, workload)
        assert [(c.before, c.after, c.reason) for c in lines] == [
            ("28Mi", "56Mi", Reason.OOM_KILLED),
            ("56Mi", "112Mi", Reason.OOM_KILLED),
        ]
        assert restarts(shop, workload) == 2
        assert any(e[1] == "OOMKilled" for e in shop.events(workload))


@pytest.mark.slow
def test_a_minute_of_bursts_and_of_page_cache(shop: Shop) -> None:
    sidecar = {**program(BURSTY, "side", **both("100m", "16Mi")), "restartPolicy": "Always"}
    idle = program("while :; do /bin/busybox sleep 1; done", **both("50m", "16Mi"))
    bursty = shop.create(
        manifest("Deployment", "bursty", containers=[program(BURSTY, **both("100m", "16Mi"))])
    )
    files = shop.create(
        manifest("Deployment", "files", containers=[program(FILES, **both("100m", "24Mi"))])
    )
    native = shop.create(
        manifest("Deployment", "native", containers=[idle], pod={"initContainers": [sidecar]})
    )
    for workload, container in ((bursty, "app"), (native, "side")):
        grown = partial(throttled, shop, workload, container)
        until(grown, 180, partial(status, shop, workload))
    until(lambda: all(sizes(p).limits.cpu == 200 for p in shop.pods("bursty")), 60)
    until(lambda: all(sizes(p, "side").limits.cpu == 200 for p in shop.pods("native")), 60)
    assert not changes(shop, files), status(shop, files)
