"""The node agent on the node: from a load step to the bigger quota, in place, by cgroup v2."""

from collections.abc import Iterator

import pytest

from tests.e2e import observed
from tests.e2e.workloads import Shop, until
from tests.installed.conftest import level
from tests.installed.release import QUICK, Release
from tests.nodes.conftest import PATIENT
from tests.nodes.node import NodeV2
from tests.nodes.steps import PATIENCE, stepped

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture
def agents(release: Release) -> Iterator[Release]:
    """The release with node agents; without them afterwards, as each of them costs the node."""
    level(release, "privileged")
    release.upgrade(*QUICK, *PATIENT, "agent.enabled=true")
    yield release
    release.upgrade(*QUICK, *PATIENT)
    until(lambda: not release.pods("agent"), PATIENCE)
    level(release, "restricted")


def test_a_load_step_has_the_bigger_quota_in_place(
    node: NodeV2, agents: Release, shop: Shop
) -> None:
    on_v2 = stepped(shop, node, agents)
    before = observed.made(shop)
    took = on_v2.step()
    assert took is not None, (on_v2.explained(), agents.log("agent")[-2000:])
    print(f"load step to the bigger quota, on an emulated node: {took:.2f} s")
    assert observed.made(shop) == before, "nothing restarted"
    podsize = shop.podsize(on_v2.workload)
    assert podsize
    changes = [(c.before, c.after, c.reason) for c in podsize.status.changes]
    assert changes == [("500m", "1", "Doubled")]
