"""Times as Kubernetes writes them, read and written."""

import pytest

from kube import timestamps
from tests.unit.scaler.builders import NOW


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:01:00Z", 60),
        ("1970-01-01T01:01:00+01:00", 60),
        ("1970-01-01T00:01:00.5Z", 60.5),
        ("1970-01-01T00:01:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_complete_time_is_read(text: str | None, seconds: float | None) -> None:
    assert timestamps.seconds(text) == seconds


def test_a_time_is_written_as_kubernetes_writes_it() -> None:
    assert timestamps.text(NOW + 0.9) == "2026-11-23T20:30:00Z"
    assert timestamps.hour(NOW) == "2026-11-23T20:00:00Z"
    assert timestamps.seconds(timestamps.text(NOW)) == NOW
