"""To which size the store goes back: the table of rollback_target.py."""

import pytest
from msgspec.structs import replace

from store.model import Status
from tests.unit.scaler.builders import size, stored
from tests.unit.scaler.rollbacks import (
    PROVEN,
    STATUS,
    UNHEALTHY,
    WELL,
    Case,
    goes_back,
    lost,
    most,
    room_for,
)
from tests.unit.scaler.troubled import looping, pending

CASES = [
    Case("crash-loops", looping(UNHEALTHY), 2),
    Case("crash-loops at the first size", looping(UNHEALTHY), 0, replace(STATUS, last_good=None)),
    Case("crash-loops, and nothing is stored any more", looping(UNHEALTHY), 0, Status()),
    Case("the same, and it is well again", WELL, None, Status()),
    Case(
        "crash-loops, and the last good size is above a maximum by now",
        looping(UNHEALTHY),
        0,
        asked={"cpu_max": "600m"},
    ),
    Case(
        "crash-loops, and the last good size would be refused",
        looping(UNHEALTHY),
        0,
        around=most("600m"),
    ),
    Case("crash-loops, and the last good size has no room", looping(UNHEALTHY), 0, cycle=lost(300)),
    Case(
        "crash-loops, and the last good one was for another manifest",
        looping(UNHEALTHY),
        0,
        replace(STATUS, last_good=stored(2, came={"nginx": size((100, 500))})),
    ),
    Case(
        "finds no node, but a smaller one would",
        pending(UNHEALTHY),
        2,
        cycle={"obstacle": room_for(400)},
    ),
    Case("only the manifest's would", pending(UNHEALTHY), 0, cycle={"obstacle": room_for(300)}),
    Case(
        "not even the manifest's would", pending(UNHEALTHY), None, cycle={"obstacle": room_for(100)}
    ),
    Case(
        "finds no node with what was proven",
        pending(UNHEALTHY),
        0,
        PROVEN,
        cycle={"obstacle": room_for(400)},
    ),
    Case("it refuses the last good one too", WELL, 0, around=most("600m")),
    Case("it refuses the manifest's too", WELL, None, around=most("400m")),
    Case(
        "a LimitRange came since, what it refuses was proven", WELL, 0, PROVEN, around=most("800m")
    ),
    Case("its node is gone, others are smaller", WELL, 2, cycle=lost(400)),
    Case("others are far too small", WELL, None, cycle=lost(100)),
]


@pytest.mark.parametrize("case", CASES, ids=[c.name for c in CASES])
def test_the_store_goes_back(case: Case) -> None:
    goes_back(case)
