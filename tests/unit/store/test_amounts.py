"""The table of resources: each row reads what it writes, and `Resources` has a field for each."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import amounts
from store.model import Resources, Size

AMOUNTS = st.integers(min_value=0, max_value=2**50)


def test_there_is_a_row_for_each_field() -> None:
    assert [*amounts.RESOURCES] == [f.name for f in fields(Resources)]


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
