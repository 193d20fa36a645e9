"""Both programs as processes, with all the equipment that a fault needs."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kube.errors import NotFound
from kube.gateway import Gateway
from tests.e2e.conftest import alone, cluster, gateway, kubectl, namespace
from tests.e2e.programs import Program, Programs, configure, unconfigure, wired
from tests.e2e.workloads import Shop, until
from tests.faults.form import FULL, lasting
from tests.faults.front import Front
from tests.faults.scaler import BACKOFF, CLOCK
from tests.faults.trial import Trial, on_trial

__all__ = ["cluster", "gateway", "kubectl", "namespace"]

COMPONENT = Path(__file__).parents[1] / "cluster/component"
FIRST_BACKOFF = lasting(8, 300)
"""Seconds of back-off after the first failure of a workload."""

embedded_only = pytest.mark.skipif(
    os.environ.get("CLUSTER") == "current", reason="stops servers: only the embedded cluster's"
)

beyond = pytest.mark.beyond
"""Tried by `make soak` alone: what varies another row, or is tried elsewhere."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder needs the cluster; the soak is separate from the rest."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "soak" not in item.keywords:
            item.add_marker(pytest.mark.e2e)
            if FULL:
                item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def front(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    made = Front(tmp_path_factory.mktemp("front"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def session(
    gateway: Gateway, front: Front, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    """Webhook and scaler, and the front between the API server and the webhook."""
    alone(gateway)
    folder = tmp_path_factory.mktemp("programs")
    budgets = {"PERHOUR": "1000", "CLUSTERPERHOUR": "100000"}
    settings = {f"SCALER_RESTARTS_{name}": most for name, most in budgets.items()}
    settings["SCALER_INTERVAL"] = "1"
    made = wired(gateway, folder, **settings)
    (folder / "clock").write_text("0")
    made.scaler.module, made.webhook.module = "tests.faults.scaler", "tests.faults.webhook"
    made.scaler.environment = {
        **made.scaler.environment,
        CLOCK: str(folder / "clock"),
        BACKOFF: str(FIRST_BACKOFF),
    }
    front.webhooks = [int(made.webhook.environment["PODTAILOR_WEBHOOK_PORT"])]
    configure(gateway, front.url, front.bundle)
    made.start()
    yield made
    made.stop()
    with suppress(NotFound):
        unconfigure(gateway)


@pytest.fixture
def programs(session: Programs, front: Front, gateway: Gateway) -> Programs:
    """Both running and healthy, whatever the previous test has left behind."""
    front.whole()
    configure(gateway, front.url, front.bundle)
    for one in (session.webhook, session.scaler):
        if one.process is None:
            one.start()
    return session


@pytest.fixture
def shop(gateway: Gateway, namespace: str, programs: Programs) -> Shop:
    """A fresh namespace, with both programs running."""
    return Shop(gateway, namespace)


@pytest.fixture
def put_on_trial(shop: Shop, request: pytest.FixtureRequest) -> Iterator[Callable[..., Trial]]:
    """Create workloads and watch them."""
    made: list[Trial] = []

    def make(kind: str = "Deployment", **spec: object) -> Trial:
        made.append(on_trial(shop, f"{request.path.name}::{request.node.name}", kind, **spec))
        return made[-1]

    yield make
    for one in made:
        one.watched.stop()


@pytest.fixture
def trial(put_on_trial: Callable[..., Trial]) -> Trial:
    """A Deployment of two pods."""
    return put_on_trial()


def component(verb: str, name: str) -> None:
    """Run a command on one of the embedded cluster's servers."""
    done = subprocess.run([COMPONENT, verb, name], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def killed(program: Program) -> None:
    """kill -9 of a program and its workers, as when its container is killed."""
    assert program.process is not None
    pid = program.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    for child in [int(word) for word in children.split()]:
        os.kill(child, signal.SIGKILL)
    program.kill()
    until(lambda: not program.ready(), 10)


def for_a_while(short: float, full: float) -> None:
    """Let the fault last."""
    time.sleep(lasting(short, full))
