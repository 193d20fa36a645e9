"""What a scaler knows, as bytes, and as it is read again."""

import msgspec
import pytest

from scaler.health.startup_deadline import Startups
from scaler.history import schema, state
from scaler.history.state import Remembered
from scaler.model import Stretch
from scaler.policies.start_up import Learnt, Run
from scaler.sizing.start_ups import Starts
from scaler.usage.kernel import Kernel
from scaler.usage.long_window import LongWindow, Slot
from scaler.usage.window import Reading
from tests.unit.scaler.history.entries import START, workload

KNOWN = Remembered(
    {workload(): {"nginx": Stretch(600.0, START, 200.0)}},
    {workload(): Starts({("uid", "nginx"): Run(START, 500.0)}, {"nginx": Learnt(1, 60, 400)})},
    {workload("other"): START},
    {workload(): Startups(3.0, 2.0)},
)


def test_what_was_known_is_known_again() -> None:
    assert state.decoded(state.encoded(KNOWN)) == KNOWN
    assert state.decoded(state.encoded(Remembered())) == Remembered()


@pytest.mark.parametrize("data", [b"", b"\x93", b"text", msgspec.msgpack.encode([1, 2, 3, 4, 5])])
def test_bytes_of_another_release_are_an_error(data: bytes) -> None:
    with pytest.raises(ValueError):
        state.decoded(data)


def test_whoever_changes_what_is_written_raises_the_version() -> None:
    """They are arrays in the file: another order of the fields would be read without an error."""
    kept = Reading, Kernel, Stretch, Run, Learnt, Startups, Slot, LongWindow
    fields = {kind.__name__: " ".join(kind.__struct_fields__) for kind in kept}
    assert schema.VERSION == 2
    assert fields == {
        "Reading": "at received cpu_seconds memory started counter old kernel",
        "Kernel": "at periods throttled needed waited hits",
        "Stretch": "seconds at level",
        "Run": "started base highest until open calm",
        "Learnt": "starts seconds cpu",
        "Startups": "usual shortest",
        "Slot": "cpu minutes memory needed",
        "LongWindow": "at per_slot slots sums minutes recent",
    }
