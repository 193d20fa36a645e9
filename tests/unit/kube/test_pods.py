"""What a pod says of itself."""

from kube import pods
from tests.unit.scaler.builders import (
    NGINX,
    pod,
    size,
)


def test_sidecars_run_side_by_side() -> None:
    has = {**NGINX, "mesh": size(), "setup": size()}
    made = pod("a", has, init={"mesh": {"restartPolicy": "Always"}, "setup": {}})
    assert pods.counted(made) == ["nginx", "mesh"]


def test_finished_pods_do_not_count_and_the_oldest_comes_first() -> None:
    old, new = pod("b", created="2026-11-23T10:00:00Z"), pod("a", created="2026-11-23T11:00:00Z")
    done = [pod(p, phase=p) for p in ("Succeeded", "Failed")]
    assert pods.living([new, *done, old]) == (old, new)
