"""A container that is pinned just now: the table of burst.py, for both policies."""

from typing import Any

import pytest

from kube import timestamps
from scaler.annotations.options import Limits
from scaler.policies import double, track
from scaler.policies.burst import duration
from scaler.policies.policy import Policy, Usage
from scaler.usage.window import Minute
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import NOW
from tests.unit.scaler.policies.looks import container, one, usage

R = Reason
POLICIES = {"double": double.POLICY, "track": track.POLICY}


def pinned(used: float = 490.0, throttled: float = 1.0) -> tuple[str, Minute]:
    """Half a second of a pod, as its agent measured it."""
    return "web-1", Minute(used, 0.5, 0, NOW, used, throttled=throttled)


def raised(ago: float, before: str = "250m", after: str = "500m", **more: Any) -> Change:
    """A line of the log."""
    at = timestamps.text(NOW - ago)
    name, resource = more.get("container", "nginx"), more.get("resource", "cpu")
    return Change(at, 1, name, resource, before, after, R.DOUBLED)


def calm(*changes: Change, **more: Any) -> Usage:
    """A minute far from the limit, and a pod that is pinned just now."""
    return usage(20.0, changes=changes, **{"pinned": [pinned()], **more})


@pytest.mark.parametrize(
    ("policy", "value", "reason"),
    [("double", 1000, R.DOUBLED), ("track", 1500, R.TRACKED)],
)
def test_the_step_is_that_of_the_minute_at_once(policy: str, value: int, reason: Reason) -> None:
    got = POLICIES[policy].up(container(), calm())
    assert (got.value, got.reason, got.urgent, got.burst) == (value, reason, True, True)
    by_minute = POLICIES[policy].up(container(), usage(490.0))
    assert (by_minute.value, by_minute.reason, by_minute.burst) == (value, reason, False)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_it_says_for_how_long(policy: Policy) -> None:
    assert "nginx used 490m of 500m for 0.5 s" in policy.up(container(), calm()).message


def test_where_bursts_hide_it_is_throttled() -> None:
    got = double.up(container(), calm(pinned=[pinned(300.0)]))
    assert (got.value, got.reason, got.burst) == (1000, R.THROTTLED, True)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize(
    ("has", "options", "more"),
    [
        (one(250, 500), {}, {"pinned": []}),
        (one(250, 500), {}, {"pinned": [pinned(300.0, 0.2)]}),
        (one(250, None), {}, {}),
        (one(250, 500), {"limits": Limits.KEEP}, {}),
        (one(250, 500), {"limits": Limits.NONE}, {}),
        (one(None, None), {}, {}),
    ],
    ids=["not pinned", "neither used nor throttled", "no limit", "keep", "none", "no size"],
)
def test_else_the_minute_s_rule_decides(
    policy: Policy, has: Any, options: dict[str, Any], more: dict[str, Any]
) -> None:
    got = policy.up(container(has, **options), calm(**more))
    assert got == policy.up(container(has, **options), usage(20.0))
    assert not got.burst and not got.urgent


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_at_most_three_in_ten_minutes(policy: Policy) -> None:
    often = [raised(30), raised(200), raised(599)]
    got = policy.up(container(), calm(*often))
    assert (got.value, got.reason) == (None, R.COOLDOWN)
    assert "nginx is pinned at 500m; it was raised 3 times in ten minutes" in got.message
    assert policy.up(container(), calm(*often[:2])).burst
    assert policy.up(container(), calm(*often[:2], raised(601))).burst


@pytest.mark.parametrize(
    "other",
    [
        raised(30, "500m", "250m"),
        raised(30, resource="memory", before="64Mi", after="128Mi"),
        raised(30, container="side"),
    ],
    ids=["a step down", "memory", "another container"],
)
def test_other_changes_are_not_counted(other: Change) -> None:
    assert double.up(container(), calm(other, other, other)).burst


def test_raised_too_often_the_minute_s_own_step_is_still_made() -> None:
    often = [raised(130), raised(200), raised(300)]
    got = double.up(container(), usage(480.0, changes=often, pinned=[pinned()]))
    assert (got.value, got.reason, got.burst) == (1000, R.DOUBLED, False)


def test_the_hottest_of_several_pods_decides() -> None:
    got = double.up(container(), calm(pinned=[pinned(455.0), pinned(499.0)]))
    assert "used 499m" in got.message


@pytest.mark.parametrize(("seconds", "text"), [(0.5, "0.5 s"), (9.94, "9.9 s"), (60.0, "60 s")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
