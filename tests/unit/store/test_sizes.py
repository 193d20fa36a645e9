"""Sizes from and to JSON: strict where a pod depends on it."""

from hypothesis import given

from store.codec import size_from_json, size_to_json
from store.model import (
    Size,
)
from tests.unit.store.strategies import ANY_SIZES


@given(ANY_SIZES)
def test_a_size_comes_back_as_it_was_written(size: Size) -> None:
    assert size_from_json(size_to_json(size)) == size
