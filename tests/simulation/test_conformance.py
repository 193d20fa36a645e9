"""The script by which the model is held against a real server runs, and waits for nothing in vain.

What the answers must be is asked of the real server, in `tests/e2e/test_model.py`.
"""

import pytest

from tests.simulation.conformance import CASES, injected, watches
from tests.simulation.conformance.target import Model

SCRIPTS = {
    **CASES,
    "injected": injected.limits_come_back_after_the_webhook,
    "expired": watches.a_version_that_is_too_old_has_expired,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_case_comes_to_its_end(name: str) -> None:
    target = Model()
    seen = SCRIPTS[name](target)
    assert seen
    assert target.world.timeline.elapsed < 60.0, "something that was waited for never came"
