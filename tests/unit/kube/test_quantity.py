"""Quantities as the API server reads and writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kube import quantity
from kube.quantity import Quantity

AMOUNTS = st.integers(min_value=0, max_value=2**63 - 1)


@pytest.mark.parametrize(
    ("text", "millicores", "size"),
    [
        ("0", 0, 0),
        ("500m", 500, 1),
        ("1", 1000, 1),
        (1, 1000, 1),
        (1.0, 1000, 1),
        (0.1, 100, 1),
        ("+2", 2000, 2),
        (".5", 500, 1),
        ("1.", 1000, 1),
        ("1e3", 1_000_000, 1000),
        ("1E3", 1_000_000, 1000),
        ("12e-1", 1200, 2),
        ("100u", 1, 1),
        ("1n", 1, 1),
        ("1001u", 2, 1),
        ("0.0001", 1, 1),
        ("64Mi", 67_108_864_000, 67_108_864),
        ("1k", 1_000_000, 1000),
        ("1.5Gi", 1_610_612_736_000, 1_610_612_736),
        ("1Ti", 1_099_511_627_776_000, 2**40),
        ("-0", 0, 0),
    ],
)
def test_a_quantity_is_read_rounded_up(text: Quantity, millicores: int, size: int) -> None:
    assert quantity.cpu(text) == millicores
    assert quantity.memory(text) == size


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1 ", " 1", "1\n", "\u0661", "9" * 65, "1e99999999999999999999"),
        *[
            "x",
            "m",
            "Mi",
            "1x",
            "1_000",
            "1,5",
            "0x10",
            "1K",
            "1mi",
            "1ki",
            "1e",
            "1e3Ki",
            "1e3m",
            "1Mm",
            "--1",
            "-1",
            "-1m",
            "-1e-9",
            "1..2",
        ],
        *["nan", "NaN", "sNaN", "inf", "Infinity", "infm", "1e400"],
        *(float("nan"), float("inf"), -1, -0.5, 1e30, 2**63, True, None, [], {}),
    ],
    ids=repr,
)
def test_a_text_that_is_no_quantity_is_refused(text: Quantity) -> None:
    with pytest.raises(ValueError, match="quantity"):
        quantity.memory(text)
    with pytest.raises(ValueError, match="quantity"):
        quantity.cpu(text)


@given(AMOUNTS)
def test_a_quantity_as_text_and_as_number_is_the_same_amount(amount: int) -> None:
    assert quantity.cpu(quantity.format_cpu(amount)) == amount
    assert quantity.memory(quantity.format_memory(amount)) == amount
    assert quantity.memory(amount) == amount


@pytest.mark.parametrize(
    ("millicores", "text"), [(0, "0"), (1, "1m"), (999, "999m"), (1000, "1"), (1500, "1500m")]
)
def test_an_amount_of_cpu_is_written_in_the_shortest_way(millicores: int, text: str) -> None:
    assert quantity.format_cpu(millicores) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0"),
        (1, "1"),
        (1023, "1023"),
        (1024, "1Ki"),
        (1536, "1536"),
        (3 * 2**29, "1536Mi"),
        (2**20 + 1024, "1025Ki"),
        (2**40, "1024Gi"),
        (10**9, "1000000000"),
    ],
)
def test_an_amount_of_bytes_is_written_without_a_fraction(size: int, text: str) -> None:
    assert quantity.format_memory(size) == text


DIGITS = st.text("0123456789", min_size=1, max_size=20)


@given(DIGITS, DIGITS, st.sampled_from(["", "n", "u", "m", "k", "Ki", "M", "Mi"]))
def test_rounding_is_never_down_and_never_by_more_than_one(w: str, f: str, suffix: str) -> None:
    whole = quantity.memory(f"{int(w) % 10**9}.{f}{suffix}")
    scale = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6}.get(suffix)
    factor = 10 ** (scale + 9) if scale is not None else {"Ki": 2**10, "Mi": 2**20}[suffix] * 10**9
    exact = (int(w) % 10**9 * 10 ** len(f) + int(f)) * factor  # times 10**(9 + len(f))
    unit = 10 ** (9 + len(f))
    assert (whole - 1) * unit < exact <= whole * unit
