"""Sizes from and to JSON: strict where a pod depends on it."""

import msgspec
import pytest
from hypothesis import given

from store.model import Apply, ClassSize, ContainerSize, Resources, Size, StoredSize
from store.sizes import (
    StoredSizeJson,
    member,
    size_from_json,
    size_to_json,
    stored_from_json,
    stored_to_json,
)
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


def test_sizes_by_class_are_written_under_their_names() -> None:
    half = (ContainerSize("main", Size(Resources(500))),)
    size = StoredSize(2, Apply.ALL, (), classes=(ClassSize("pi", half), ClassSize("arm64")))
    written = stored_to_json(size)
    assert written["classes"] == [
        {"class": "pi", "containers": [{"name": "main", "requests": {"cpu": "500m"}}]},
        {"class": "arm64", "containers": []},
    ]
    assert stored_from_json(msgspec.convert(written, StoredSizeJson)) == size


def test_an_object_of_an_earlier_release_has_none_and_gets_none() -> None:
    raw = {"revision": 3, "apply": "all", "containers": [], "template": "0a1b", "stamped": True}
    size = stored_from_json(msgspec.convert(raw, StoredSizeJson))
    assert size is not None
    assert size.classes == ()
    assert stored_to_json(size) == raw
