"""The thesis's relocation without downtime: the pod moves to another node, no request fails."""

import subprocess

import pytest

from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import status_of
from tests.e2e.workloads import ANYWHERE, OUTGROWS, Shop, crowded, sized, until
from tests.installed.served import loaded, served, serving


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["recreate", "resize"])
def test_a_pod_that_outgrows_its_node_moves_without_a_gap(
    only_one_node: None, shop: Shop, strategy: str
) -> None:
    """With `resize` its kubelet is asked first, and defers it for want of room."""
    crowded(shop)
    small = served(**sized("300m", "600m"))
    asked = {"podtailor.io/mode": "auto", "podtailor.io/strategy": strategy}
    workload = serving(shop, "Deployment", containers=[small], pod=ANYWHERE, annotations=asked)
    [first] = shop.pods()
    subprocess.run(["tests/cluster/up", "--nodes", "2"], check=True)

    def moved() -> bool:
        pods = shop.pods()
        return len(pods) == 1 and pods[0].ready and pods[0].metadata.uid != first.metadata.uid

    with loaded(shop) as tally:
        shop.by_hand(workload, OUTGROWS)
        until(moved, 60, lambda: status_of(shop, workload))
    failed, answered = sum(tally.failed.values()), sum(tally.answered.values())
    print(f"{strategy}: {failed} of {answered} failed, longest gap {tally.longest_gap:.2f} s")
    assert failed == 0, dict(tally.errors)
    assert shop.pods()[0].spec.node_name not in (None, first.spec.node_name)
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.size and podsize.status.changes[0].reason is Reason.MANUAL
