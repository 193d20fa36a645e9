"""The table of resources: each row reads what it writes, and `Resources` has a field for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import amounts
from store.amounts import Base
from store.model import Resources, Size

AMOUNTS = st.integers(min_value=0, max_value=2**50)


def test_there_is_a_row_for_each_field() -> None:
    assert [*amounts.RESOURCES] == [*Resources.__struct_fields__]


@pytest.mark.parametrize("resource", amounts.RESOURCES)
@given(AMOUNTS)
def test_a_row_reads_what_it_writes(resource: str, amount: int) -> None:
    row = amounts.RESOURCES[resource]
    assert row.parse(row.text(amount)) == amount


def test_amounts_are_read_as_millicores_and_bytes_and_others_passed_over() -> None:
    given = {"cpu": "500m", "memory": "64Mi", "ephemeral-storage": "1Gi"}
    assert amounts.read(given) == Resources(500, 64 * 2**20)
    assert amounts.read({"memory": 1}) == Resources(None, 1)
    assert amounts.read(None) == amounts.read({}) == Resources()
    with pytest.raises(ValueError, match="not a quantity"):
        amounts.read({"cpu": "much"})


def test_what_is_not_set_is_not_written() -> None:
    assert amounts.written(Resources(1500, 64 * 2**20)) == {"cpu": "1500m", "memory": "64Mi"}
    assert amounts.written(Resources(memory=0)) == {"memory": "0"}


def test_a_resource_is_found_by_its_name_in_amounts_and_sizes() -> None:
    size = Size(Resources(1, 2), Resources(3, None))
    assert (size.requests["cpu"], size.requests["memory"]) == (1, 2)
    assert (size.pair("cpu"), size.pair("memory")) == ((1, 3), (2, None))
    with pytest.raises(KeyError):
        size.requests["pods"]


@given(st.builds(Resources, st.none() | AMOUNTS, st.none() | AMOUNTS))
def test_amounts_come_back_as_they_were_written(given: Resources) -> None:
    assert amounts.read(amounts.written(given)) == given


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
