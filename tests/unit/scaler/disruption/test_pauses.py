"""How long is waited after a refusal, by who refused."""

import pytest

from scaler.disruption import pauses
from scaler.model import Outcome
from store.reasons import Reason


@pytest.mark.parametrize(
    ("reason", "kind", "first", "then"),
    [
        (Reason.REFUSED, "take", 60, 300),
        (Reason.DISRUPTION_BUDGET, "take", 60, 300),
        (Reason.REFUSED, "Write", 60, 300),
        (Reason.REFUSED, "resize", 60, 300),
        (Reason.RESIZE_INFEASIBLE, "resize", 6, 180),
        (Reason.WEBHOOK_UNVERIFIED, "take", 6, 180),
        (Reason.WEBHOOK_UNVERIFIED, "resize", 6, 180),
        (None, "take", 6, 180),
        (None, "resize", 6, 180),
        (None, "Write", 1, 180),
    ],
)
def test_the_first_pause_and_the_one_after_a_minute(
    reason: Reason | None, kind: str, first: float, then: float
) -> None:
    refused = Outcome(done=False, reason=reason)
    assert pauses.after(0.0, kind, refused) == first
    assert pauses.after(60.0, kind, refused) == then
    assert pauses.after(300.0, kind, refused) == 300
    assert pauses.after(200.0, kind, refused) == 300


@pytest.mark.parametrize("reason", [Reason.TEMPLATE_CHANGED, Reason.REFUSED])
def test_what_is_only_read_is_looked_at_again_soon(reason: Reason) -> None:
    refused = Outcome(done=False, reason=reason, read=True)
    assert pauses.after(0.0, "take", refused) == 6
    assert pauses.after(60.0, "take", refused) == 120
    assert pauses.after(300.0, "take", refused) == 300


@pytest.mark.parametrize(("kind", "longest"), [("take", 24), ("resize", 24), ("Write", 8)])
def test_a_server_that_was_not_reached_is_tried_more_often(kind: str, longest: float) -> None:
    refused = Outcome(done=False, unreached=True)
    assert pauses.after(longest, kind, refused) == longest
    assert pauses.after(300.0, "take", refused) == 300, "no pause is shorter than the last"
