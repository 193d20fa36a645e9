"""One resource of a size: as a pair, as text, compared."""

import pytest

from store import amounts
from store.amounts import Base
from store.model import Resources, Size


def cpu(pair: tuple[int | None, int | None]) -> Size:
    return Size(Resources(pair[0], 7), Resources(pair[1], 8))


@pytest.mark.parametrize(
    ("size", "base"),
    [
        (Size(), None),
        (cpu((None, 5)), Base(5, 5)),
        (cpu((3, None)), Base(3, None)),
        (cpu((3, 5)), Base(3, 5)),
    ],
    ids=["neither", "limit only", "request only", "both"],
)
def test_the_base(size: Size, base: Base | None) -> None:
    assert amounts.base_of(size, "cpu") == base


@pytest.mark.parametrize(
    ("size", "resource", "text"),
    [
        (cpu((250, 1000)), "cpu", "1"),
        (cpu((250, None)), "cpu", "250m"),
        (Size(Resources(memory=64 * 1024**2)), "memory", "64Mi"),
        (Size(), "cpu", None),
        (None, "cpu", None),
    ],
)
def test_it_is_told_in_canonical_text(size: Size | None, resource: str, text: str | None) -> None:
    assert amounts.text(size, resource) == text
