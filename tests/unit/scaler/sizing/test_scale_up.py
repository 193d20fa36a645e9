"""What the policies want more of, vetted one after the other: the table of scale_up.py."""

from typing import Any

import pytest

from scaler.cluster.autoscalers import Others
from scaler.cluster.view import View
from store.reasons import Reason
from tests.unit.scaler.builders import NGINX, asked, hand, owner, pod, size, view
from tests.unit.scaler.cycles import ceiling, using
from tests.unit.scaler.sizing.deciding import TWO, decided

R = Reason


def seen(**more: Any) -> View:
    return view(pod("a", TWO), pod("b", TWO), whose=owner(TWO), **more)


@pytest.mark.parametrize(
    ("workload", "reasons"),
    [
        (seen(), {"nginx": R.DOUBLED, "side": R.IN_BOUNDS}),
        (seen(by_hand=[hand(cpu=(300, 600))]), {"side": R.IN_BOUNDS}),
        (seen(by_hand=[hand(memory=(100, 200))]), {"nginx": R.DOUBLED, "side": R.IN_BOUNDS}),
        (seen(settings=asked(mode__nginx="off")), {"side": R.IN_BOUNDS}),
        (seen(settings=asked(cpu_max="500m")), {"nginx": R.AT_MAXIMUM, "side": R.IN_BOUNDS}),
        (
            seen(others=Others({("", "cpu"): "web"})),
            {"nginx": R.OTHER_AUTOSCALER, "side": R.OTHER_AUTOSCALER},
        ),
    ],
    ids=[
        *("due and not due", "set by hand", "another resource is set by hand"),
        *("not governed", "not allowed", "another autoscaler scales on it"),
    ],
)
def test_each_container_that_a_policy_governs_has_a_decision(
    workload: View, reasons: dict[str, Reason]
) -> None:
    got = decided(workload, using(nginx=480, side=10))
    assert {d.container: d.reason for d in got.decisions if d.resource == "cpu"} == reasons


def test_a_step_goes_on_from_the_steps_before_it() -> None:
    """Together they would ask for 700m, and the nodes have 650m."""
    above = ceiling(
        fits=lambda s: "full" if sum(c.requests.cpu or 0 for c in s.values()) > 650 else None
    )
    got = decided(seen(), using(nginx=480, side=99), above)
    assert [d.target for d in got.decisions if d.target] == [
        size((500, 1000)),
        size((150, 150)),
    ]


def test_a_container_that_stays_takes_nothing_from_the_next() -> None:
    above = ceiling(fits=lambda s: None if s["nginx"] == NGINX["nginx"] else "full")
    got = decided(seen(), using(nginx=480, side=99), above)
    assert [(d.reason, d.target) for d in got.decisions if d.resource == "cpu"] == [
        (R.NO_NODE_FITS, None),
        (R.DOUBLED, size((200, 200))),
    ]
