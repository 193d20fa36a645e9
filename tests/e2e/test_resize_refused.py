"""`strategy: resize` where there can be none: said with its own reason, and nothing is lost for it.

What a kubelet answers to a resize that was asked of it: test_resize.py.
"""

from scaler.health.crash_loops import CRASHES
from tests.e2e.programs import Program
from tests.e2e.refusals import blocked, in_turn
from tests.e2e.test_resize import RESIZE, by_hand, resizing, said
from tests.e2e.workloads import Shop, container, manifest, sized, sizes, until

__all__ = ["resizing"]

_CRASHES = ["/bin/busybox", "sh", "-c", "/bin/busybox sleep 2; exit 1"]
_REPLACED = {**RESIZE, "podtailor.io/single-replica": "restart"}


def test_what_is_not_admitted_waits_and_what_crash_loops_is_not_resized(
    shop: Shop, resizing: Program
) -> None:
    """In one test, as a crash loop takes a minute to be one: a resize would begin its kubelet's
    back-off again, and whoever is not Ready is not replaced for a size."""
    never_ready = {**container(**sized("50m", "100m")), "command": _CRASHES}
    loops = shop.create(
        manifest(
            "Deployment", "loops", containers=[never_ready], replicas=1, annotations=_REPLACED
        ),
        ready=False,
    )
    in_turn(shop, RESIZE, patience=20, beside=50)
    until(lambda: shop.podsize(loops) is not None, 20)
    until(lambda: _loops(shop), 120, lambda: said(shop, loops))
    (old,) = shop.pods("loops")
    shop.by_hand(loops, by_hand("60m", "120m"))
    blocked(shop, loops, "NotReady", 20)
    (still,) = shop.pods("loops")
    assert still.metadata.uid == old.metadata.uid and sizes(still).limits.cpu == 100


def _loops(shop: Shop) -> bool:
    """Also in the seconds in which it runs."""
    statuses = [c for p in shop.pods("loops") for c in p.status.container_statuses or ()]
    return bool(statuses) and all(c.restart_count > CRASHES and not c.ready for c in statuses)
