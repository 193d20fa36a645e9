"""From "so much" to a request and a limit: step.py's table, and its laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaler.annotations.options import Limits
from scaler.policies import step
from store import amounts
from store.model import Resources, Size

R, K, N = Limits.RATIO, Limits.KEEP, Limits.NONE
ROWS = [
    ("ratio, both", (250, 500), R, 500, 1000, (500, 1000)),
    ("ratio rounds the request up", (1, 3), R, 3, 4, (2, 4)),
    ("ratio, equal stays equal", (333, 333), R, 333, 667, (667, 667)),
    ("ratio, request only", (250, None), R, 250, 300, (300, None)),
    ("ratio, limit only", (None, 500), R, 500, 800, (800, 800)),
    ("ratio, a request of nothing", (0, 500), R, 500, 1000, (0, 1000)),
    ("keep, both", (250, 500), K, 250, 400, (400, 500)),
    ("keep, at most the limit", (250, 500), K, 250, 900, (500, 500)),
    ("keep, request only", (250, None), K, 250, 900, (900, None)),
    ("keep, limit only", (None, 500), K, 500, 900, (500, 500)),
    ("none, both", (250, 500), N, 250, 900, (900, None)),
    ("none, limit only", (None, 500), N, 500, 900, (900, None)),
    ("none, request only", (250, None), N, 250, 900, (900, None)),
]


def cpu(pair: tuple[int | None, int | None]) -> Size:
    return Size(Resources(pair[0], 7), Resources(pair[1], 8))


@pytest.mark.parametrize(
    ("has", "limits", "start", "value", "gets"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_the_other_value_of_a_pair_follows_as_the_limits_option_says(
    has: tuple[int | None, int | None],
    limits: Limits,
    start: int,
    value: int,
    gets: tuple[int | None, int | None],
) -> None:
    base = amounts.base_of(cpu(has), "cpu")
    assert base and step.start(base, limits) == start
    assert step.with_value(cpu(has), "cpu", limits, value) == cpu(gets)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**7))
def test_a_ratio_keeps_the_order_and_nearly_the_ratio(a: int, b: int, value: int) -> None:
    request, limit = sorted((a, b))
    made = step.with_value(cpu((request, limit)), "cpu", Limits.RATIO, value)
    assert made.limits.cpu == value and made.requests.cpu is not None
    assert request * value <= made.requests.cpu * limit < request * value + limit
    assert made.requests.cpu <= value


@given(st.integers(0, 200), st.integers(0, 200), st.integers(-1, 250))
def test_the_largest_allowed_step_is_found(a: int, b: int, most: int) -> None:
    low, high = sorted((a, b))
    found = step.largest(low, high, lambda value: value <= most)
    assert found == (min(high, most) if most >= low else None)


def test_a_size_without_values_has_no_step() -> None:
    with pytest.raises(ValueError, match="no cpu to step from"):
        step.with_value(Size(), "cpu", Limits.RATIO, 1)
