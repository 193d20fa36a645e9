"""Somebody's policy refuses pods of the new size: their manifest's values are back in a minute."""

import time

import pytest

from store.model import Phase, Workload
from store.reasons import Reason
from tests.e2e.observed import await_event, only_pod
from tests.e2e.policies import in_force, refusing
from tests.e2e.test_sizes_reach_pods import SMALL, status_of, uids
from tests.e2e.workloads import Json, Shop, container, manifest, sized, sizes, until

MINUTE = 60.0
SPREAD = "object.spec.containers.all(c, !has(c.resources.limits) || {})"
CPU = SPREAD.format("quantity(c.resources.limits['cpu']).compareTo(quantity('250m')) <= 0")
BY_HAND = {"name": "app", "requests": {"cpu": "150m"}, "limits": {"cpu": "300m"}}
ALONE = {"podtailor.io/mode": "auto", "podtailor.io/single-replica": "restart"}
CALM: Json = {"containers": [container(**sized("100m", "200m"))], "annotations": ALONE}
HOUSE = "CPU limit above the house limit"


def ended(shop: Shop, name: str) -> None:
    """The pod is lost."""
    path = f"/api/v1/namespaces/{shop.namespace}/pods/{name}"
    shop.gateway.delete(path, {"gracePeriodSeconds": 0})


def whole(shop: Shop, before: set[str], pods: int) -> bool:
    """Whether all pods are there, one of them new and with the manifest's values."""
    new = [p for p in shop.pods() if p.metadata.uid not in before]
    return len(shop.pods()) == pods and bool(new) and all(sizes(p) == SMALL for p in new)


def words(shop: Shop, workload: Workload) -> str:
    podsize = shop.podsize(workload)
    assert podsize is not None
    return podsize.status.message


KINDS = ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet", "DaemonSet")
CASES = [
    *((kind, HOUSE) for kind in KINDS),
    ("Deployment", "too much memory"),
    ("Deployment", "no"),
]


@pytest.mark.parametrize(("kind", "message"), CASES)
def test_a_policy_that_comes_after_the_size(shop: Shop, kind: str, message: str) -> None:
    workload = shop.create(manifest(kind, replicas=1, **CALM))
    shop.by_hand(workload, BY_HAND)
    until(
        lambda: (pod := only_pod(shop)) is not None and sizes(pod).limits.cpu == 300,
        60,
        lambda: status_of(shop, workload),
    )
    until(lambda: _settled(shop, workload), 30, lambda: status_of(shop, workload))
    with refusing(shop.gateway, shop.namespace, "CREATE", CPU, message):
        until(
            lambda: in_force(
                shop.gateway, shop.namespace, lambda a: isinstance(a, str) and message in a
            ),
            30,
        )
        before, lost = uids(shop.pods()), time.monotonic()
        ended(shop, shop.pods()[0].metadata.name)
        until(lambda: whole(shop, before, 1), MINUTE, lambda: status_of(shop, workload))
        print(f"{kind}, {message!r}: back after {time.monotonic() - lost:.1f} s")
        podsize = shop.podsize(workload)
        assert podsize and podsize.status.size and podsize.status.size.containers == ()
        assert (podsize.status.phase, podsize.status.reason) == (
            Phase.ROLLED_BACK,
            Reason.ROLLED_BACK,
        )
        quoted = message if kind not in ("StatefulSet", "DaemonSet") else "say who refuses it"
        assert quoted in podsize.status.message
        await_event(shop, workload, quoted, "RolledBack")
        assert podsize.status.backoff.until is not None


def _settled(shop: Shop, workload: Workload) -> bool:
    podsize = shop.podsize(workload)
    return podsize is not None and podsize.status.phase is Phase.SETTLED


def test_a_policy_that_was_there_first_is_found_by_the_trial(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment", **CALM))
    before = uids(shop.pods())
    with refusing(shop.gateway, shop.namespace, "CREATE", CPU, HOUSE):
        until(
            lambda: in_force(
                shop.gateway, shop.namespace, lambda a: isinstance(a, str) and HOUSE in a
            ),
            30,
        )
        shop.by_hand(workload, BY_HAND)
        until(lambda: HOUSE in words(shop, workload), 30, lambda: status_of(shop, workload))
        until(
            lambda: len(shop.pods()) == 2 and all(p.ready for p in shop.pods()),
            MINUTE,
            lambda: status_of(shop, workload),
        )
        assert all(sizes(p) == SMALL for p in shop.pods())
        assert len(uids(shop.pods()) & before) >= 1


@pytest.mark.parametrize("hand", [[], [{**BY_HAND, "limits": {"cpu": "350m"}}]], ids=str)
def test_the_hand_is_emptied_or_changed_meanwhile(shop: Shop, hand: list[object]) -> None:
    workload = shop.create(manifest("Deployment", replicas=1, **CALM))
    shop.by_hand(workload, BY_HAND)
    until(lambda: _settled(shop, workload), 60, lambda: status_of(shop, workload))
    until(
        lambda: [sizes(p).limits.cpu for p in shop.pods()] == [300],
        60,
        lambda: status_of(shop, workload),
    )
    with refusing(shop.gateway, shop.namespace, "CREATE", CPU, HOUSE):
        until(
            lambda: in_force(
                shop.gateway, shop.namespace, lambda a: isinstance(a, str) and HOUSE in a
            ),
            30,
        )
        before = uids(shop.pods())
        ended(shop, shop.pods()[0].metadata.name)
        time.sleep(3)
        shop.by_hand(workload, *hand)  # type: ignore[arg-type]
        until(lambda: whole(shop, before, 1), MINUTE, lambda: status_of(shop, workload))
