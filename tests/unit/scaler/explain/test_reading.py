"""What an explanation knows of usage beside the scaler's own minutes."""

import msgspec

from kube import objects, timestamps
from scaler.explain import reading
from scaler.history.recall import Recalled
from scaler.usage.window import NoMinute
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, pod


def test_a_pod_that_the_scaler_has_no_readings_of_for_minutes_has_no_usage() -> None:
    """Its kubelet is silent. An explanation has itself only begun to read; the scaler has not."""
    running = {"name": "nginx", "state": {"running": {"startedAt": timestamps.text(NOW - 600)}}}
    status = msgspec.convert([running], list[objects.ContainerStatus])
    made = pod()
    ran = msgspec.structs.replace(made.status, container_statuses=status)
    made = msgspec.structs.replace(made, status=ran)
    windows = reading.windows(Recalled(), [made])
    found = windows.minute(made, "nginx", NOW)
    assert isinstance(found, NoMinute) and found.reason is Reason.NO_USAGE
    node = made.spec.node_name or ""
    windows.take_in((), NOW, {node: "it timed out"})
    found = windows.minute(made, "nginx", NOW)
    assert isinstance(found, NoMinute) and "it timed out" in found.message
