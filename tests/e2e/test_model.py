"""The simulation's model answers like the real API server: every case of the script, on both.

A difference fails, with both answers. The simulation's results are only as good as this test; a
behaviour that a perturbation relies on must be added to the script first.
"""

import pytest

from kube.gateway import Gateway
from tests.e2e.programs import Programs
from tests.simulation.conformance import CASES, injected
from tests.simulation.conformance.target import Model, Real


@pytest.mark.parametrize("name", CASES)
def test_the_model_answers_like_the_server(name: str, gateway: Gateway, namespace: str) -> None:
    modelled = CASES[name](Model())
    assert modelled == CASES[name](Real(gateway, namespace))


def test_the_model_admits_like_the_server_after_our_webhook(
    gateway: Gateway, namespace: str, programs: Programs
) -> None:
    script = injected.limits_come_back_after_the_webhook
    assert script(Model()) == script(Real(gateway, namespace))
