"""The stamp on a pod: short, in order, and read with distrust."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import annotations, stamp
from store.model import Resources, Size
from tests.unit.scaler.builders import pod
from tests.unit.store.strategies import ANY_SIZES, NAMES


@given(st.dictionaries(NAMES, ANY_SIZES, max_size=5))
def test_a_stamp_is_read_as_it_was_written(sizes: dict[str, Size]) -> None:
    assert stamp.read(stamp.write(sizes)) == sizes


def test_the_same_sizes_make_the_same_stamp() -> None:
    one = {"b": Size(), "a": Size(Resources(cpu=500), Resources(memory=2**26))}
    told = '{"a":{"requests":{"cpu":"500m"},"limits":{"memory":"64Mi"}},"b":{}}'
    assert stamp.write(one) == stamp.write(dict(reversed(one.items()))) == told


def test_fields_that_a_newer_webhook_adds_to_a_stamp_are_passed_over() -> None:
    text = '{"a":{"requests":{"cpu":"1","gpu":"many"},"claims":{}}}'
    assert stamp.read(text) == {"a": Size(Resources(cpu=1000))}


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "[]", "null", "1", '"a"', "{", '{"a":[]}', '{"a":{"requests":[]}}'),
        *('{"a":{"requests":{"cpu":1}}}', '{"a":{"requests":{"cpu":"1x"}}}', "\ud800"),
        *('{"a":{"requests":{"cpu":null}}}', '{"a":{"limits":null}}', "[" * 100_000),
    ],
)
def test_a_stamp_that_cannot_be_read_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        stamp.read(text)


@pytest.mark.parametrize(
    ("text", "revision"),
    [
        ("3", 3),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("x", None),
        ("\u00b2", None),
        ("9" * 99, None),
    ],
)
def test_a_stamped_revision_is_a_number_or_none(text: str, revision: int | None) -> None:
    made = msgspec.structs.replace(pod().metadata, annotations={annotations.SIZE_REVISION: text})
    assert stamp.stamped_revision(msgspec.structs.replace(pod(), metadata=made)) == revision
