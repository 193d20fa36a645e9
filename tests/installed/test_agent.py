"""`agent.enabled=true` is all that the node agent takes, and a label where hostPath is refused."""

import time

import pytest

from tests.e2e import observed
from tests.e2e.bursting import BURST, Load, obedient
from tests.e2e.test_resize import said
from tests.e2e.workloads import Shop, manifest, until
from tests.installed.release import QUICK, Release


@pytest.fixture
def agents(privileged: Release) -> Release:
    """The release with agents."""
    privileged.upgrade(*QUICK, "agent.enabled=true")
    return privileged


def test_agents_come_up_and_a_load_step_has_the_bigger_quota(agents: Release, shop: Shop) -> None:
    until(lambda: agents.ready("agent", 1), 60)
    until(lambda: "connected containers=" in agents.log("agent"), 60)
    [pod] = agents.pods("agent")
    assert pod.spec.volumes and {v.name for v in pod.spec.volumes} == {"cgroup", "cpu", "tls"}
    made = manifest("Deployment", replicas=1, containers=[obedient()], annotations=BURST)
    workload = shop.create(made)
    until(lambda: shop.podsize(workload) is not None, 20)
    time.sleep(2.0)
    load, before = Load(shop.pods()[0]), observed.made(shop)
    began = load.begin()
    at = load.raised(1000, 10.0)
    load.end()
    assert at is not None, (said(shop, workload), agents.log("agent")[-2000:])
    print(f"load step to the bigger quota, installed: {at - began:.3f} s")
    assert observed.made(shop) == before
