"""What one pod has, what it came with, and whether it is as the store says."""

import msgspec

from scaler.cluster import pod_sizes
from store import annotations, stamp
from tests.unit.scaler.builders import DOUBLED, NGINX, pod, size


def test_a_pod_came_with_what_its_stamp_says() -> None:
    had = {"nginx": DOUBLED, "mesh": size((1, 1))}
    assert pod_sizes.came_with(pod("a", had)) == had
    assert pod_sizes.came_with(pod("a", had, stamp_of=(1, NGINX))) == {**had, **NGINX}


def test_a_stamp_that_cannot_be_read_is_none() -> None:
    meta = msgspec.structs.replace(pod().metadata, annotations={annotations.BASIS: "{"})
    broken = msgspec.structs.replace(pod(), metadata=meta)
    assert stamp.stamped_basis(broken) is None and pod_sizes.came_with(broken) == NGINX
