"""Sizes from and to JSON: strict where a pod depends on it."""

import pytest
from hypothesis import given

from store.model import Apply, Resources, Size
from store.sizes import member, size_from_json, size_to_json
from tests.unit.store.strategies import ANY_SIZES


@given(ANY_SIZES)
def test_a_size_comes_back_as_it_was_written(size: Size) -> None:
    assert size_from_json(size_to_json(size)) == size


def test_a_value_that_is_not_set_is_not_written() -> None:
    assert size_to_json(Size()) == {}
    assert size_to_json(Size(Resources(cpu=250), Resources(memory=2**27))) == {
        "requests": {"cpu": "250m"},
        "limits": {"memory": "128Mi"},
    }


@pytest.mark.parametrize("amount", ["lots", "-1", "1K", "nan", ""])
def test_a_quantity_that_cannot_be_read_is_an_error(amount: str) -> None:
    with pytest.raises(ValueError, match="quantity"):
        size_from_json({"requests": {"cpu": amount}})


@pytest.mark.parametrize(("text", "scope"), [("all", Apply.ALL), ("new", Apply.NEW), ("", None)])
def test_a_word_is_a_member_or_unknown(text: str, scope: Apply | None) -> None:
    assert member(Apply, text) is scope
