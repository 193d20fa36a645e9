"""How much room a pod takes and a node has: the table of pod_requests.py."""

from scaler.feasibility import pod_requests
from tests.unit.scaler.builders import NGINX, injected, pod, stored


def test_what_was_found_out_does_not_go_with_a_copy() -> None:
    small = pod("a", NGINX)
    assert pod_requests.held(small).cpu == 250
    assert pod_requests.held(injected("a", stored())).cpu == 500
