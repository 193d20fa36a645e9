"""The one reason that is reported where several apply: the order of explanation.py."""

from collections.abc import Mapping
from typing import Any

import pytest

from scaler.cluster.view import View
from store.model import Size, Status, StoredSize
from store.reasons import Reason
from tests.unit.scaler.builders import (
    DOUBLED,
    NGINX,
    asked,
    hand,
    injected,
    owner,
    pod,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import using
from tests.unit.scaler.sizing.deciding import TWO, decided

R = Reason


def test_the_container_furthest_from_its_target_is_reported() -> None:
    seen = view(pod("a", TWO), pod("b", TWO), whose=owner(TWO), settings=asked(cpu_max="500m"))
    got = decided(seen, using(nginx=499, side=10))
    assert (got.reason, got.decisions[2].reason) == (Reason.AT_MAXIMUM, Reason.IN_BOUNDS)
    assert decided(seen, using(nginx=499, side=95)).reason is Reason.DOUBLED


CAME_EDITED = {"nginx": size((300, 600)), "side": size((100, 100))}
HELD = stored(1, {"nginx": DOUBLED}, came=TWO)
BY_HAND = [hand(cpu=(300, 600))]
GONE = stored(1, {"nginx": DOUBLED, "side": DOUBLED}, came=TWO)


def seen(size: StoredSize | None, came: Mapping[str, Size] = TWO, **more: Any) -> View:
    """Two pods with that size of which the containers came like that."""
    pods = [injected(n, size, came) for n in ("a", "b")]
    return view(*pods, whose=owner(came), status=Status(size=size), **more)


ORDER = [
    ("an edited manifest, before a hand", seen(HELD, CAME_EDITED, by_hand=BY_HAND),
     R.MANIFEST_CHANGED, "the manifest's cpu of nginx was edited and is in force"),
    ("a container that is gone, before a hand", seen(GONE, NGINX, by_hand=BY_HAND),
     R.MANIFEST_CHANGED, "the manifest no longer has: side"),
    ("a hand, before what is due", seen(None, by_hand=BY_HAND),
     R.MANUAL, "by hand, nginx: cpu 500m to 600m"),
    ("what is due, before what is not", seen(None),
     R.DOUBLED, "side used 99m of 100m for 60 s"),
    ("a container that acts, before one that is observed",
     seen(None, settings=asked(mode__nginx="observe")),
     R.DOUBLED, "side used 99m of 100m for 60 s"),
    ("only what is observed is due", seen(None, settings=asked(mode__side="observe")),
     R.OBSERVING, "would be Doubled: side used 99m of 100m for 60 s"),
    ("a workload that is only observed, whose phase says so",
     seen(None, settings=asked(mode="observe")),
     R.DOUBLED, "side used 99m of 100m for 60 s"),
    ("no container can be scaled", seen(None, settings=asked(mode__nginx="off", mode__side="off")),
     R.NOTHING_TO_SCALE, "podtailor may scale no container of the workload"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "workload", "reason", "message"), ORDER, ids=[row[0] for row in ORDER]
)
def test_the_reason_that_is_reported(
    name: str, workload: View, reason: Reason, message: str
) -> None:
    got = decided(workload, using(nginx=10, side=99))
    assert (got.reason, got.message) == (reason, message)
