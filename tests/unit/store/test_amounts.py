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
def test_the_base_is_the_pair_with_a_request_that_follows_its_limit(
    size: Size, base: Base | None
) -> None:
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
def test_an_amount_is_written_in_canonical_text(
    size: Size | None, resource: str, text: str | None
) -> None:
    assert amounts.text(size, resource) == text


FULL = Size(Resources(250, 64), Resources(500, 128))


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("cpu", Size(Resources(1, 64), Resources(None, 128))),
        ("memory", Size(Resources(250, 1), Resources(500, None))),
    ],
)
def test_both_values_of_one_resource_are_replaced(resource: str, expected: Size) -> None:
    assert amounts.with_pair(FULL, resource, 1, None) == expected


@pytest.mark.parametrize(
    ("other", "cpu_is_same"),
    [
        (FULL, True),
        (Size(Resources(250, 9), Resources(500, 9)), True),
        (Size(Resources(251, 64), Resources(500, 128)), False),
        (Size(Resources(250, 64), Resources(None, 128)), False),
        (Size(), False),
    ],
    ids=["itself", "another memory", "another request", "no limit", "nothing"],
)
def test_sizes_are_compared_by_resource(other: Size, cpu_is_same: bool) -> None:
    assert amounts.same(FULL, other, "cpu") is cpu_is_same


def test_a_request_that_is_not_set_is_its_limit() -> None:
    assert amounts.same(Size(limits=Resources(500)), Size(Resources(500), Resources(500)), "cpu")
