"""Pods that are terminating: the table of terminating.py, and what is reported."""

import pytest
from msgspec.structs import replace

from kube import objects, timestamps
from scaler.cluster.terminating import PATIENCE, asked_at, going, lingers, message
from tests.unit.scaler.builders import NOW, pod


def ending(seconds: float, *, grace: int | None = 30, name: str = "web-1") -> objects.Pod:
    """Its deletion was asked for that many seconds ago."""
    end = timestamps.text(NOW - seconds + (grace or 0))
    made = pod(name, nodeName="node-2")
    meta = replace(made.metadata, deletion_timestamp=end, deletion_grace_period_seconds=grace)
    return replace(made, metadata=meta)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (pod(), False),
        (ending(5), False),
        (ending(PATIENCE), False),
        (ending(PATIENCE + 1), True),
        (ending(10, grace=3600), False),
        (ending(PATIENCE + 1, grace=3600), True),
        (ending(PATIENCE + 1, grace=None), True),
        (ending(-50), False),
    ],
    ids=[
        *("it is not", "a moment ago", "a minute ago", "longer ago", "it has an hour"),
        *("of which a minute is over", "no grace is known", "a clock that is behind"),
    ],
)
def test_a_pod_lingers_a_minute_after_its_deletion_was_asked_for(
    one: objects.Pod, expected: bool
) -> None:
    assert lingers(one, NOW) is expected


def test_the_grace_period_is_no_part_of_the_wait() -> None:
    assert asked_at(ending(7, grace=3600)) == NOW - 7
    assert asked_at(pod()) is None


@pytest.mark.parametrize(
    ("pods", "silent", "text"),
    [
        (
            [ending(0, grace=3600)],
            False,
            "web-1 is still terminating, until 21:30:00 at the latest",
        ),
        (
            [ending(0, grace=90_000)],
            False,
            "web-1 is still terminating, until 2026-11-24T21:30:00Z at the latest",
        ),
        (
            [ending(300), ending(9, name="b"), ending(9, name="c")],
            True,
            "web-1 is still terminating (and 2 more), though its time was up at 20:25:30; its node"
            " node-2 is not Ready",
        ),
    ],
    ids=["an hour", "more than a day", "a node that is away"],
)
def test_the_message_says_which_and_until_when(
    pods: list[objects.Pod], silent: bool, text: str
) -> None:
    assert message(pods, lambda p: silent, NOW) == text


def test_those_that_linger_are_told_from_the_others() -> None:
    pods = [pod("a"), ending(5, name="b"), ending(500, name="c")]
    assert [p.metadata.name for p in going(pods, NOW, lingering=False)] == ["b"]
    assert [p.metadata.name for p in going(pods, NOW, lingering=True)] == ["c"]
