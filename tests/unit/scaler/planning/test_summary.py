"""What a status says where several things hold at once: the table of summary.py."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from kube import timestamps
from scaler.model import Wait, Write
from store.model import Phase, Status
from store.reasons import Reason
from store.records import PodCount
from tests.unit.scaler.builders import NOW, asked, hand, injected, owner, pod, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.statuses import HOT, SETTLED, line, settled

R = Reason


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (100, R.DOUBLED),
        (R.WARMING_UP, R.DOUBLED),
        (R.NO_USAGE, R.NO_USAGE),
        (R.STALE_USAGE, R.STALE_USAGE),
    ],
)
def test_the_last_change_stays_the_reason_while_all_is_well(usage: Any, reason: Reason) -> None:
    assert planned(settled(), context(using(nginx=usage))).standing.reason is reason


def test_the_cooldown_is_no_news() -> None:
    seen = settled(replace(SETTLED, changes=(line(1, age=30),)))
    assert isinstance(planned(seen, context(using(nginx=990))).action, Wait)


@pytest.mark.parametrize("reason", [R.IN_BOUNDS, R.AT_MAXIMUM, R.NO_NODE_FITS])
def test_warming_up_after_a_restart_of_the_scaler_is_no_news(reason: Reason) -> None:
    """Else a restart of the scaler would be two writes for each workload of the cluster."""
    status = Status(phase=Phase.SETTLED, reason=reason, pods=PodCount(2, 2))
    seen = view(status=status)
    plan = planned(seen, context(using(nginx=R.WARMING_UP)))
    assert isinstance(plan.action, Wait) and plan.standing.reason is reason


def test_a_maximum_does_not_flicker_around_the_threshold() -> None:
    seen = view(settings=asked(cpu_max="500m"))
    seen = carried_out(seen, planned(seen, HOT))
    for used in (449, 451, 440, 401, 460):
        assert isinstance(planned(seen, context(using(nginx=used))).action, Wait), used
    assert planned(seen, context(using(nginx=399))).standing.reason is R.IN_BOUNDS


def test_a_size_by_hand_that_is_corrected_takes_effect_at_once() -> None:
    seen = view(by_hand=[hand(cpu=(500, 400))])
    seen = carried_out(seen, planned(seen, context(using(nginx=440))))
    assert seen.podsize and seen.podsize.status.reason is R.AT_MAXIMUM
    corrected = replace(seen.podsize, by_hand=(), generation=1)
    plan = planned(replace(seen, podsize=corrected), context(using(nginx=440)))
    assert plan.standing.reason is R.IN_BOUNDS


def test_a_block_on_a_size_that_is_not_everywhere_is_reported_first() -> None:
    seen = view(pod("a"), pod("b", ready=False), status=SETTLED, settings=asked(cpu_max="1"))
    assert planned(seen, context(using(nginx=990))).standing.reason is R.NOT_READY


@pytest.mark.parametrize(
    ("obstacle", "settings", "phase", "reason"),
    [
        ("full", {}, Phase.BLOCKED, R.NO_NODE_FITS),
        (None, {"cpu_max": "500m"}, Phase.SETTLED, R.AT_MAXIMUM),
    ],
    ids=["fits nowhere", "at its maximum"],
)
def test_a_step_that_is_impossible_is_reported_as_blocked_or_at_its_maximum(
    obstacle: str | None, settings: Mapping[str, str], phase: Phase, reason: Reason
) -> None:
    cycle = context(using(nginx=480), obstacle=obstacle)
    summary = planned(view(settings=asked(**settings)), cycle).standing
    assert (summary.phase, summary.reason) == (phase, reason)


def test_a_refused_size_by_hand_is_reported_as_blocked() -> None:
    summary = planned(view(by_hand=[hand(cpu=(64000, 64000))]), context(obstacle="full")).standing
    assert (summary.phase, summary.reason) == (Phase.BLOCKED, R.NO_NODE_FITS)


def test_a_replaced_pod_that_lingers_is_named_while_all_is_well() -> None:
    """It ends in an hour, and holds nobody up: neither the size nor what the policy decides."""
    size = stored(2)
    ending = pod("old", going=True)
    end = timestamps.text(NOW + 3500)
    meta = msgspec.structs.replace(
        ending.metadata, deletion_timestamp=end, deletion_grace_period_seconds=3600
    )
    ending = msgspec.structs.replace(ending, metadata=meta)
    pods = (injected("a", size), injected("b", size), ending)
    status = Status(size=size, last_good=size, changes=(line(2, age=300),))
    seen = view(*pods, status=status, whose=owner(replicas=2))
    plan = planned(seen, context(using(nginx=100)))
    assert (plan.standing.phase, plan.standing.reason) == (Phase.SETTLED, R.PENDING_REPLACEMENT)
    assert plan.standing.message == "old is still terminating, until 21:28:20 at the latest"
    assert isinstance(plan.action, Write) and not plan.in_flight
    applied = {c.type: c.status for c in plan.action.status.conditions}
    assert applied["Applied"] == "True"
    said = carried_out(seen, plan)
    assert isinstance(planned(said, context(using(nginx=100))).action, Wait)
    assert planned(said, context(using(nginx=990))).standing.reason is R.DOUBLED
    gone = replace(said, pods=said.pods[:2])
    assert planned(gone, context(using(nginx=100))).standing.reason is R.DOUBLED
