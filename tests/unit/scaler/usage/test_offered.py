"""Readings of a server are gone on from only where a kubelet's own continues them."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.usage.offered import joined
from scaler.usage.window import Reading

OFFERED = tuple(Reading(15.0 * n, 15.0 * n, 3.0 * n, 2**20, -600.0) for n in range(6))
LAST = OFFERED[-1]
NEXT = replace(LAST, at=80.0, received=80.0, cpu_seconds=LAST.cpu_seconds + 1)


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        ({}, True),
        ({"at": 75.0, "cpu_seconds": LAST.cpu_seconds}, True),
        ({"cpu_seconds": LAST.cpu_seconds + 5 * 0.5}, True),
        ({"cpu_seconds": LAST.cpu_seconds + 5 * 0.5 + 0.1}, False),
        ({"cpu_seconds": 2 * LAST.cpu_seconds}, False),
        ({"cpu_seconds": LAST.cpu_seconds - 1}, False),
        ({"at": 75.0, "cpu_seconds": LAST.cpu_seconds + 1}, False),
        ({"at": 70.0}, False),
        ({"started": -500.0}, False),
    ],
    ids=str,
)
def test_the_first_reading_of_a_kubelet_confirms_them_or_begins_anew(
    odd: dict[str, Any], kept: bool
) -> None:
    new = replace(NEXT, **odd)
    found = joined(OFFERED, new)
    assert (len(found) > 1) == kept
    assert kept or found == (new,)


def test_a_single_one_or_none_is_no_obstacle() -> None:
    assert joined((), NEXT) == (NEXT,)
    assert joined((LAST,), NEXT) == (NEXT,)
