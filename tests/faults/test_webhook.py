"""What can go wrong between the API server and the webhook in the middle of a change."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kube.gateway import Gateway
from store.reasons import Reason
from tests.e2e.programs import Programs, configure, free_port, unconfigure
from tests.e2e.undoing import undoing
from tests.faults.conftest import beyond, for_a_while, killed
from tests.faults.form import lasting
from tests.faults.front import Answer, Front, failing, garbage
from tests.faults.trial import Trial
from tests.faults.webhook import STALE
from tests.faults.wire import Wire

Fault = Callable[[], object]

SLOW = 6.0
"""Seconds: one more than the API server waits."""


@pytest.fixture
def broken(front: Front, gateway: Gateway, programs: Programs) -> Iterator[dict[str, Fault]]:
    """The start of each fault, by name."""
    yield {
        "is slow": lambda: setattr(front, "course", front.slow(SLOW)),
        "answers 500": lambda: setattr(front, "course", failing),
        "answers garbage": lambda: setattr(front, "course", garbage),
        "has an expired certificate": lambda: setattr(front, "serving", "expired"),
        "has lost its configuration": lambda: unconfigure(gateway),
        "is down": lambda: killed(programs.webhook),
    }


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("is down", marks=beyond),  # tests/e2e/test_what_stands_in_the_way.py
        "is slow",
        "answers 500",
        "answers garbage",
        "has an expired certificate",
        pytest.param("has lost its configuration", marks=beyond),  # tests/installed/test_trust.py
    ],
)
def test_the_webhook(
    trial: Trial, broken: dict[str, Fault], front: Front, programs: Programs, what: str
) -> None:
    trial.begin()
    broken[what]()
    trial.says(Reason.WEBHOOK_UNVERIFIED)
    for_a_while(0, 60)
    front.whole()
    configure(trial.shop.gateway, front.url, front.bundle)
    if programs.webhook.process is None:
        programs.webhook.start()
    trial.heals()
    trial.unharmed(f"the webhook {what}")


@beyond
def test_the_webhook_breaks_after_it_was_seen_to_work(trial: Trial, front: Front) -> None:
    """One pod is replaced for nothing: exactly the one extra that is allowed."""

    def course(review: bytes) -> Answer:
        dry = b'"dryRun":true' in review
        return front.passing(review) if dry else failing(review)

    trial.begin()
    front.course = course
    trial.says(Reason.WEBHOOK_UNVERIFIED)
    front.whole()
    trial.heals()
    trial.unharmed("the webhook fails for pods, not for probes", within=60 + lasting(8, 300))


@pytest.fixture
def cut_off(programs: Programs, front: Front, gateway: Gateway, tmp_path: Path) -> Iterator[Wire]:
    """A second webhook's connection to the API server; it is called in turn with the first."""
    wire = Wire(gateway, tmp_path)
    port = free_port()
    usual = programs.webhook
    environment = {
        **usual.environment,
        "KUBECONFIG": str(wire.kubeconfig),
        "PODTAILOR_WEBHOOK_PORT": str(port),
        STALE: str(lasting(5, 120)),
    }
    health = f"https://127.0.0.1:{port}/readyz"
    second = replace(
        usual, environment=environment, health=health, log=tmp_path / "second.log", process=None
    )
    second.start()
    front.webhooks.append(port)
    yield wire
    front.webhooks.remove(port)
    second.stop()
    wire.close()


def test_one_replica_of_the_webhook_is_cut_off_and_old(trial: Trial, cut_off: Wire) -> None:
    """This fault is not ended: the replica itself has to report that it is not ready."""
    cut_off.cut()
    trial.begin()
    trial.heals()
    trial.unharmed("one replica of the webhook is cut off and old", within=60 + lasting(8, 300))


@beyond
def test_a_second_webhook_reverts_our_values(
    put_on_trial: Callable[..., Trial], tmp_path: Path
) -> None:
    """One pod is rewritten; no other is replaced while that lasts, and then the change continues.

    The short form: tests/e2e/test_what_stands_in_the_way.py.
    """
    trial = put_on_trial(replicas=3, minReadySeconds=4)
    trial.begin()
    with undoing(trial.shop.gateway, trial.shop.namespace, tmp_path):
        trial.says(Reason.REWRITTEN)
        made = dict(trial.watched.made)
        for_a_while(3, 60)
        assert trial.watched.made == made and len(made) <= 5
    trial.heals()
    trial.unharmed("a second webhook reverts our values", within=60 + lasting(8, 300))
