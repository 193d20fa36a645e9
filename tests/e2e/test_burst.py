"""`podtailor.io/burst: "on"` and the node agent: from a load step to the bigger quota, in place."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kube.gateway import Gateway
from tests.e2e import bursting, observed
from tests.e2e.bursting import BURST, Agent, Load, obedient
from tests.e2e.conftest import running
from tests.e2e.namespaces import fresh
from tests.e2e.programs import free_port
from tests.e2e.test_resize import said
from tests.e2e.workloads import Shop, manifest, until


@dataclass
class Watched:
    """Scaler, webhook and agent."""

    gateway: Gateway
    agent: Agent
    log: str = ""


@pytest.fixture(scope="module")
def watched(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    port = free_port()
    more = bursting.settings(port)
    with (
        running(gateway, tmp_path_factory.mktemp("bursting"), **more) as programs,
        bursting.secrets(gateway),
    ):
        made = bursting.agent(gateway, tmp_path_factory.mktemp("agent"), port)
        made.start()
        yield Watched(gateway, made, str(programs.scaler.log))
        made.stop()


@pytest.fixture
def there(watched: Watched) -> Iterator[Shop]:
    with fresh(watched.gateway) as name:
        yield Shop(watched.gateway, name)


def test_a_load_step_has_the_bigger_quota_within_a_second(there: Shop) -> None:
    made = manifest("Deployment", replicas=1, containers=[obedient()], annotations=BURST)
    workload = there.create(made)
    until(lambda: there.podsize(workload) is not None, 20)
    load, before = Load(there.pods()[0]), observed.made(there)
    time.sleep(2.0)
    took = []
    for limit in (1000,):
        began = load.begin()
        at = load.raised(limit, 5.0)
        load.end()
        assert at is not None, said(there, workload)
        took.append(at - began)
    print("seconds:", took, said(there, workload))
    assert max(took) < 1.5
    assert observed.made(there) == before, "nothing restarted"
    podsize = there.podsize(workload)
    assert podsize and podsize.status.changes[0].reason == "Doubled"
