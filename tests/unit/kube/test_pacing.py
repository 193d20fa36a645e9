"""The waits between attempts: none after a quiet end, else doubling, or what the server asks."""

import pytest

from kube.errors import Gone, KubeError, TooMany
from kube.pacing import pause

GONE = Gone(410, "Expired", "too old")
BROKEN = KubeError(500, "InternalError", "broken")


@pytest.mark.parametrize(
    ("failures", "error", "longest"),
    [
        (0, None, 0.0),
        (1, None, 0.0),
        (1, GONE, 0.0),
        (2, GONE, 0.2),
        (0, BROKEN, 0.2),
        (1, BROKEN, 0.2),
        (3, BROKEN, 0.8),
        (60, BROKEN, 5.0),
        (60, None, 5.0),
    ],
)
def test_a_pause_is_its_longest_or_up_to_half_of_it_less(
    failures: int, error: Exception | None, longest: float
) -> None:
    for _ in range(50):
        assert longest / 2 <= pause(failures, error) <= longest


@pytest.mark.parametrize(("asked", "at_least"), [(7.0, 7.0), (3600.0, 30.0)])
def test_what_the_server_asks_for_is_obeyed_up_to_half_a_minute(
    asked: float, at_least: float
) -> None:
    assert pause(1, TooMany("TooManyRequests", "later", asked)) == at_least
