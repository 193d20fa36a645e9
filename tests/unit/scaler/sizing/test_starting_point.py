"""What the sizes of a workload are before the policy's steps, and what comes of other ones."""

from typing import Any

import pytest
from msgspec.structs import replace

from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.sizing import starting_point
from scaler.sizing.starting_point import Start
from store.model import Size, Status
from tests.unit.scaler.builders import (
    DOUBLED,
    NGINX,
    asked,
    hand,
    injected,
    owner,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import ceiling

SIZE = stored()
FOUR_TIMES = size((1000, 2000))


def seen(came: dict[str, Size] | None = None, **more: Any) -> View:
    """Two pods with a doubled size."""
    came = came or dict(NGINX)
    pods = [injected(n, SIZE, came) for n in ("a", "b")]
    return view(*pods, status=Status(size=SIZE), whose=owner(came), **more)


def start(workload: View) -> Start:
    assert isinstance(workload.settings, Settings)
    found = starting_point.start(workload, workload.settings, ceiling())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("workload", "given", "sizes"),
    [
        (seen(), DOUBLED, DOUBLED),
        (seen(by_hand=[hand(cpu=(300, 600))]), DOUBLED, size((300, 600))),
        (seen({"nginx": size((300, 600))}), size((300, 600)), size((300, 600))),
        (seen(settings=asked(resources="memory")), DOUBLED, NGINX["nginx"]),
    ],
    ids=["as stored", "with a size by hand", "with an edited manifest", "handed back"],
)
def test_the_policy_starts_from(workload: View, given: Size, sizes: Size) -> None:
    found = start(workload)
    assert (dict(found.given), dict(found.sizes)) == ({"nginx": given}, {"nginx": sizes})


@pytest.mark.parametrize(
    ("mode", "after"), [("auto", FOUR_TIMES), ("observe", DOUBLED), ("off", NGINX["nginx"])]
)
def test_a_wanted_size_comes_to_what_the_mode_of_the_container_allows(
    mode: str, after: Size
) -> None:
    found = start(seen(settings=asked(mode__nginx=mode)))
    got = starting_point.outcome(found, {"nginx": FOUR_TIMES})
    assert got.after == {"nginx": after}
    assert [(c.name, c.size) for c in got.wish] == [("nginx", FOUR_TIMES)]


def test_a_policy_that_steps_nowhere_leaves_the_stored_size_the_same_object() -> None:
    workload = seen()
    assert start(workload).unstepped.size is workload.size


def test_a_workload_without_a_stored_size_starts_from_its_manifest() -> None:
    found = start(view())
    assert dict(found.sizes) == dict(NGINX)
    assert found.unstepped.size is None


def test_a_workload_whose_pods_still_have_a_size_starts_from_that() -> None:
    found = start(view(injected("a", SIZE), injected("b", SIZE)))
    assert dict(found.sizes) == {"nginx": DOUBLED}
    assert found.case.manifest_edits.returned


def test_a_workload_without_pods_has_nothing_to_start_from() -> None:
    empty = replace(view(), pods=())
    assert isinstance(empty.settings, Settings)
    assert starting_point.start(empty, empty.settings, ceiling()) is None
