"""The status as it is to be written, and whether that is worth a write."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.agents import heat
from scaler.model import Action, Standing, Wait, Write
from scaler.status import update
from store.model import Phase, Status
from store.reasons import Reason
from store.records import PodCount
from tests.unit.scaler.builders import NOW, hand, injected, pod, podsize, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.statuses import settled, status_of


def test_a_message_alone_is_no_news() -> None:
    seen = view()
    seen = carried_out(seen, planned(seen, context(using(nginx=100))))
    for used in (1, 200, 300):
        assert isinstance(planned(seen, context(using(nginx=used))).action, Wait)


def test_an_edit_of_the_spec_is_seen() -> None:
    seen = settled()
    assert seen.podsize
    edited = replace(seen, podsize=replace(seen.podsize, generation=5))
    assert status_of(edited).observed_generation == 5


R = Reason
SIZE = stored()
CURRENT, OUTDATED = injected("a", SIZE), pod("b")


def action(before: Status, after: Status, summary: Standing, **more: Any) -> Action:
    """What comes of a cycle that says this of two pods, one of which has the size."""
    kept = replace(podsize(before), generation=before.observed_generation)
    seen = view(CURRENT, OUTDATED, kept=replace(kept, **more))
    assert seen.podsize is not None
    return update.written(seen, seen.podsize, after, summary, NOW)


SETTLING = Standing(Phase.APPLYING, R.DOUBLED, "why")


def written_once(summary: Standing, status: Status = Status(size=SIZE)) -> Status:  # noqa: B008
    """The status that the first cycle writes."""
    first = action(status, status, summary)
    assert isinstance(first, Write)
    return first.status


def test_a_new_status_is_written_once() -> None:
    old = written_once(SETTLING)
    assert (old.phase, old.reason, old.message) == (Phase.APPLYING, R.DOUBLED, "why")
    assert old.pods == PodCount(2, 1)
    assert action(old, old, SETTLING) == Wait()
    assert action(old, replace(old), SETTLING) == Wait(), "an equal status is none that is new"


@pytest.mark.parametrize(
    ("summary", "news"),
    [
        (Standing(Phase.APPLYING, R.DOUBLED, "why"), False),
        (Standing(Phase.APPLYING, R.DOUBLED, "something else"), True),
        (Standing(Phase.APPLYING, R.HALVED, "why"), True),
        (Standing(Phase.BLOCKED, R.DOUBLED, "why"), True),
    ],
    ids=["nothing new", "another message", "another reason", "another phase"],
)
def test_a_cycle_has_news(summary: Standing, news: bool) -> None:
    old = written_once(SETTLING)
    assert isinstance(action(old, old, summary), Write) is news


@pytest.mark.parametrize("reason", [R.BAD_ANNOTATION, R.UNSUPPORTED])
def test_a_message_that_tells_one_mistake_from_another_is_news(reason: Reason) -> None:
    old = written_once(Standing(Phase.BLOCKED, reason, "one"))
    assert action(old, old, Standing(Phase.BLOCKED, reason, "one")) == Wait()
    assert isinstance(action(old, old, Standing(Phase.BLOCKED, reason, "two")), Write)


def test_of_one_that_is_only_observed_another_reason_is_news_and_other_words_are_none() -> None:
    def observing(words: str) -> Standing:
        return Standing(Phase.OBSERVING, R.OBSERVING, words)

    old = written_once(observing("would be WarmingUp: usage has just begun to be read"))
    assert action(old, old, observing("would be WarmingUp: the container runs for 9 s")) == Wait()
    got = action(old, old, observing("would be Doubled: nginx used 490m of 500m for 60 s"))
    assert isinstance(got, Write) and got.status.message.startswith("would be Doubled")
    wished = replace(got.status, wish=(hand(cpu=(1, 2)),))
    assert action(wished, wished, observing("would be InBounds: nginx used 440m of 500m")) == Wait()


def test_another_wish_is_news_and_keeps_the_words() -> None:
    old = written_once(SETTLING)
    got = action(old, replace(old, wish=(hand(cpu=(1, 2)),)), SETTLING)
    assert isinstance(got, Write) and got.resource_version == "7"
    assert got.status.message == "why" and got.status.wish == (hand(cpu=(1, 2)),)


@pytest.mark.parametrize("reason", [R.DOUBLED, R.AT_MAXIMUM, R.COOLDOWN, R.NO_NODE_FITS])
def test_a_node_that_becomes_slow_is_news_once(reason: Reason) -> None:
    def words(at: str) -> Standing:
        return Standing(
            Phase.SETTLED, reason, "nginx is full" + heat.sentence("one", f"at {at} (why)")
        )

    calm = Standing(Phase.SETTLED, reason, "nginx is full")
    old = written_once(calm)
    got = action(old, old, words("2026-11-23T20:20:00Z"))
    assert isinstance(got, Write) and "node one was slow" in got.status.message
    for later in (words("2026-11-23T20:21:00Z"), calm, words("2026-11-23T20:25:00Z")):
        assert action(got.status, got.status, later) == Wait()
