"""`podtailor.io/burst: "on"` and the node agent: from a load step to the bigger quota, in place."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kube.gateway import Gateway
from store.model import Workload
from tests.e2e import bursting, observed
from tests.e2e.bursting import BURST, Agent, Load, obedient
from tests.e2e.namespaces import fresh
from tests.e2e.programs import Programs, free_port
from tests.e2e.test_resize import said
from tests.e2e.workloads import Shop, crowded, manifest, until

SOON = 5.0
"""Seconds, on a machine that is busy with other tests; `python -m tests.bench burst` measures."""


@dataclass
class Watched:
    """Scaler, webhook and agent."""

    gateway: Gateway
    agent: Agent
    programs: Programs


@pytest.fixture(scope="module")
def watched(
    gateway: Gateway, programs: Programs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """The session's scaler, which listens to an agent meanwhile."""
    port, scaler = free_port(), programs.scaler
    usual, added = scaler.environment, bursting.settings(port)
    with bursting.secrets(gateway):
        scaler.stop()
        more = {f"PODTAILOR_{name}": value for name, value in added.items()}
        scaler.environment = {**usual, **more}
        scaler.start()
        made = bursting.agent(gateway, tmp_path_factory.mktemp("agent"), port)
        made.start()
        yield Watched(gateway, made, programs)
        made.stop()
        scaler.stop()
        scaler.environment = usual
        scaler.start()


@pytest.fixture
def there(watched: Watched) -> Iterator[Shop]:
    with fresh(watched.gateway) as name:
        yield Shop(watched.gateway, name)


def loaded(shop: Shop, **size: str) -> tuple[Workload, Load]:
    """A workload of one pod that is idle, and sampled by now."""
    made = manifest("Deployment", replicas=1, containers=[obedient(**size)], annotations=BURST)
    workload = shop.create(made)
    until(lambda: shop.podsize(workload) is not None, 20)
    time.sleep(1.5)
    return workload, Load(shop.pods()[0])


def test_a_load_step_has_the_bigger_quota_and_short_bursts_change_nothing(there: Shop) -> None:
    workload, load = loaded(there)
    before = observed.made(there)
    for _ in range(5):
        load.begin()
        time.sleep(random.uniform(0.1, 0.28))
        load.end()
        assert load.raised(1000, 0.6) is None, said(there, workload)
    began = load.begin()
    at = load.raised(1000, 2 * SOON)
    load.end()
    assert at is not None, said(there, workload)
    print(f"load step to the bigger quota: {at - began:.3f} s")
    assert at - began < SOON
    assert observed.made(there) == before, "nothing restarted"
    podsize = there.podsize(workload)
    assert podsize and podsize.status.restarts.count == 0
    (change,) = podsize.status.changes
    assert (change.before, change.after, change.reason) == ("500m", "1", "Doubled")


def test_without_room_on_its_node_nothing_is_evicted(there: Shop) -> None:
    crowded(there)
    workload, load = loaded(there, request="940m", limit="940m")
    before = observed.made(there)
    load.begin()
    full = ("Blocked", "NoNodeFits")
    until(lambda: said(there, workload)[:2] == full, 10, lambda: said(there, workload))
    load.end()
    assert "too little cpu" in said(there, workload)[2]
    assert observed.made(there) == before and load.limit == 940


def test_an_agent_and_a_scaler_that_were_away_find_each_other_again(
    watched: Watched, there: Shop
) -> None:
    workload, load = loaded(there)
    watched.programs.scaler.kill()
    watched.programs.scaler.start()
    watched.agent.kill()
    load.begin()
    assert load.raised(1000, 2.0) is None, "a silent agent is no usage, and no burst either"
    assert said(there, workload)[1] in ("WarmingUp", "NoUsage")
    watched.agent.start()
    assert load.raised(1000, 10.0) is not None, said(there, workload)
    load.end()
