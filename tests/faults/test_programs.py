"""The programs themselves: killed, running twice, or with a wrong clock."""

import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.e2e.programs import Program, Programs, free_port
from tests.e2e.workloads import until
from tests.faults.conftest import beyond, for_a_while, killed
from tests.faults.scaler import CLOCK
from tests.faults.trial import Trial


@beyond
def test_the_scaler_is_killed(trial: Trial, programs: Programs) -> None:
    """Killed at each single step: tests/e2e/test_killed_at_every_step.py."""
    trial.begin()
    programs.scaler.kill()
    for_a_while(3, 120)
    programs.scaler.start()
    trial.heals()
    trial.unharmed("kill -9 of the scaler")


def test_the_webhook_is_killed(trial: Trial, programs: Programs) -> None:
    trial.begin()
    killed(programs.webhook)
    for_a_while(3, 120)
    programs.webhook.start()
    trial.heals()
    trial.unharmed("kill -9 of the webhook")


@beyond
def test_the_scaler_and_the_webhook_are_killed(trial: Trial, programs: Programs) -> None:
    trial.begin()
    killed(programs.webhook)
    programs.scaler.kill()
    for_a_while(3, 120)
    programs.scaler.start()
    programs.webhook.start()
    trial.heals()
    trial.unharmed("kill -9 of both")


@pytest.fixture
def clock(programs: Programs) -> Iterator[Callable[[float], object]]:
    """Move the scaler's clock, verified by its own answers; corrected afterwards."""
    path = Path(programs.scaler.environment[CLOCK])

    def wrong() -> float:
        """The clock's error, by the date of an answer: the HTTP server uses the same clock."""
        with urllib.request.urlopen(programs.scaler.health, timeout=5) as answer:
            said = parsedate_to_datetime(answer.headers["Date"])
        return said.timestamp() - time.time()

    def move(seconds: float) -> None:
        path.write_text(str(seconds))
        until(lambda: abs(wrong() - seconds) < 60, 15, wrong)

    yield move
    path.write_text("0")


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param(1, id="forward"),
        pytest.param(-1, id="back"),
        pytest.param(24 * 400, id="a-year-ahead", marks=beyond),
    ],
)
def test_the_clock_steps(trial: Trial, clock: Callable[[float], object], hours: int) -> None:
    trial.begin()
    clock(3600 * hours)
    for_a_while(3, 120)
    clock(0)
    trial.heals()
    by = {1: "an hour forward", -1: "an hour back"}.get(hours, "a year forward")
    trial.unharmed(f"the scaler's clock steps {by}, and is corrected")


@pytest.fixture
def second(programs: Programs, tmp_path: Path) -> Iterator[Program]:
    """A second scaler, as if there were no Lease between the two."""
    port = free_port()
    usual = programs.scaler
    made = replace(
        usual,
        environment={**usual.environment, "PODTAILOR_SCALER_PORT": str(port)},
        health=f"http://127.0.0.1:{port}/readyz",
        log=tmp_path / "second.log",
        process=None,
    )
    yield made
    made.kill()


def test_two_scalers_act_at_once(trial: Trial, second: Program) -> None:
    second.start()
    trial.begin()
    trial.heals()
    trial.unharmed("two scalers act at once, with no Lease between them")
