"""The thesis's relocation: a pod that no longer fits its node moves to another real one."""

import subprocess

import pytest

from store.model import Resources, Size
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import MEMORY, settled, status_of
from tests.e2e.workloads import ANYWHERE, OUTGROWS, Shop, container, crowded, manifest, sized, until


@pytest.mark.slow
def test_a_pod_that_outgrows_its_node_moves_to_another(only_one_node: None, shop: Shop) -> None:
    crowded(shop)
    workload = shop.create(
        manifest(
            "Deployment",
            replicas=1,
            annotations={"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"},
            containers=[container(**sized("300m", "600m"))],
            pod=ANYWHERE,
        )
    )
    shop.by_hand(workload, OUTGROWS)
    until(
        lambda: bool((p := shop.podsize(workload)) and p.status.reason is Reason.NO_NODE_FITS),
        20,
        lambda: status_of(shop, workload),
    )
    first = shop.pods()[0]
    subprocess.run(["tests/cluster/up", "--nodes", "2"], check=True)
    large = Size(Resources(1100, MEMORY), Resources(1200, MEMORY))
    until(lambda: settled(shop, workload, large, 1), 60, lambda: status_of(shop, workload))
    assert shop.pods()[0].spec.node_name not in (None, first.spec.node_name)
