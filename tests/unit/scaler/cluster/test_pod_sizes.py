"""What one pod has, what it came with, and whether it is as the store says."""

import msgspec
import pytest

from kube import objects
from scaler.cluster import pod_sizes
from store import annotations, stamp
from tests.unit.scaler.builders import DOUBLED, NGINX, injected, pod, size, stored


def test_a_pod_came_with_what_its_stamp_says() -> None:
    had = {"nginx": DOUBLED, "mesh": size((1, 1))}
    assert pod_sizes.came_with(pod("a", had)) == had
    assert pod_sizes.came_with(pod("a", had, stamp_of=(1, NGINX))) == {**had, **NGINX}


def test_a_stamp_that_cannot_be_read_is_none() -> None:
    meta = msgspec.structs.replace(pod().metadata, annotations={annotations.BASIS: "{"})
    broken = msgspec.structs.replace(pod(), metadata=meta)
    assert stamp.stamped_basis(broken) is None and pod_sizes.came_with(broken) == NGINX


@pytest.mark.parametrize(
    ("made", "current"),
    [
        (pod("a"), False),
        (injected("a", stored()), True),
        (injected("a", None), False),
        (
            pod("a", {"nginx": size((300, 600))}, stamp_of=(1, {"nginx": size((300, 600))})),
            True,
        ),
        (pod("a", {"nginx": size((9, 9))}, stamp_of=(1, NGINX)), False),
        (
            pod("a", {**NGINX, "nginx": DOUBLED, "mesh": size((1, 1))}, stamp_of=(1, NGINX)),
            True,
        ),
    ],
    ids=["old", "sized", "not sized", "edited manifest", "rewritten", "a container was added"],
)
def test_a_pod_is_current_where_it_has_what_the_store_gives(
    made: objects.Pod, current: bool
) -> None:
    assert pod_sizes.is_current(made, stored()) is current


def test_passive_containers_never_make_a_pod_outdated() -> None:
    assert pod_sizes.is_current(pod("a"), stored(), ["nginx"])
