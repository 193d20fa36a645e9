"""kill -9 of the scaler during a rollback: its successor finishes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.reasons import Reason
from tests.e2e.deadly import Deadly
from tests.e2e.programs import Program, Programs
from tests.e2e.test_killed_at_every_step import deadly
from tests.e2e.test_sizes_reach_pods import SMALL, status_of, uids
from tests.e2e.test_undo import SHORT, TOO_LITTLE, choosy, rolled_back
from tests.e2e.workloads import Shop, manifest, sizes, until

__all__ = ["deadly"]


@pytest.fixture
def mortal(programs: Programs, deadly: Deadly, tmp_path: Path) -> Iterator[Program]:
    """A scaler behind the proxy that kills it, with short deadlines, instead of the session's."""
    programs.scaler.stop()
    short = {f"PODTAILOR_{name}": value for name, value in SHORT.items()}
    environment = {**programs.scaler.environment, **short, "KUBECONFIG": str(deadly.kubeconfig)}
    made = Program("scaler", environment, programs.scaler.health, tmp_path / "mortal.log")
    made.start()
    yield made
    made.kill()
    programs.scaler.start()


@pytest.mark.slow
@pytest.mark.parametrize("call", [1, 5])
def test_a_successor_finishes_a_rollback(
    shop: Shop, mortal: Program, deadly: Deadly, call: int
) -> None:
    workload = shop.create(manifest("ReplicationController", containers=[choosy(starts=False)]))
    before = uids(shop.pods())
    shop.by_hand(workload, TOO_LITTLE)
    until(lambda: uids(shop.pods()) - before != set(), 20, lambda: status_of(shop, workload))
    until(lambda: not all(p.ready for p in shop.pods()), 20)
    deadly.arm(call, mortal.kill)
    until(deadly.dead.is_set, 60, lambda: (deadly.calls, status_of(shop, workload)))
    deadly.disarm()
    mortal.start()
    until(
        lambda: rolled_back(shop, workload, 2),
        60,
        lambda: (deadly.calls, status_of(shop, workload)),
    )
    podsize, pods = shop.podsize(workload), shop.pods()
    assert len(uids(pods) & before) == 1 and all(sizes(p) == SMALL for p in pods)
    assert podsize and podsize.status.backoff.failures == 1
    assert [c.reason for c in podsize.status.changes].count(Reason.ROLLED_BACK) == 1
    assert podsize.status.restarts.count <= 3, "one restart more is allowed"
