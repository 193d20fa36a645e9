"""What a status says of its sizes: the highest revision, and whether one was rolled back."""

import pytest

from store.model import (
    Apply,
    Change,
    Status,
    StoredSize,
)
from store.reasons import Reason


@pytest.mark.parametrize(
    ("status", "highest"),
    [
        (Status(), 0),
        (Status(size=StoredSize(3, Apply.ALL, ())), 3),
        (Status(size=StoredSize(3, Apply.NEW, ()), last_good=StoredSize(5, Apply.ALL, ())), 5),
        (Status(changes=(Change("", 7, "c", "cpu", None, None, Reason.MANUAL),)), 7),
    ],
)
def test_revisions_are_counted_on_also_after_leaving(status: Status, highest: int) -> None:
    assert status.highest_revision == highest
