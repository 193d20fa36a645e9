"""Killed before there is a minute, and throttled all the time: what each policy does about it."""

from typing import Any

import pytest

from scaler.policies import table
from scaler.policies.policy import Container, PodMinute, Usage
from scaler.policies.proposal import Proposal
from scaler.usage.window import NoMinute
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import LONG_AGO, NOW, asked, size

R = Reason


def up(
    policy: str,
    killed: int = 2,
    share: float | None = 0.9,
    changes: int = 0,
    limit: int | None = 500,
) -> Proposal:
    young = PodMinute(NoMinute(R.WARMING_UP, "just started", share), young=True, killed=killed)
    line = Change(LONG_AGO, 2, "nginx", "cpu", "500m", "1", R.THROTTLED)
    usage = Usage(NOW, [young.minute], [young], changes=[line] * changes)
    settings: Any = asked(policy=policy)
    has = size((250, limit))
    return table.POLICIES[policy].up(
        Container("nginx", "cpu", has, has, settings.container("nginx")), usage
    )


@pytest.mark.parametrize(("policy", "value"), [("double", 1000), ("track", 1500)])
def test_it_gets_more_and_the_reason_says_that_it_is_throttled(policy: str, value: int) -> None:
    got = up(policy)
    assert (got.value, got.reason) == (value, R.THROTTLED)
    assert got.message == (
        "nginx was started 2 times again before its first minute was over, and was throttled in "
        "90 % of its periods since"
    )


@pytest.mark.parametrize("policy", ["double", "track"])
@pytest.mark.parametrize(
    "seen",
    [{"killed": 1}, {"share": 0.5}, {"share": None}, {"changes": 2}, {"limit": None}],
    ids=["once", "not throttled", "not known", "helped twice already", "no limit"],
)
def test_it_is_waited_for_otherwise(policy: str, seen: dict[str, Any]) -> None:
    got = up(policy, **seen)
    assert (got.value, got.reason) == (None, R.WARMING_UP)
