"""A cluster in memory for tests of handing over."""

import pytest

from tests.unit.scaler.execution.surging import Surging


@pytest.fixture
def world() -> Surging:
    made = Surging()
    made.cycle(2)
    made.load.used = 490
    return made
