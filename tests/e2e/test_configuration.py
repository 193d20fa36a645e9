"""The webhook's configuration is checked: errors that a probe cannot see stop a change too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from store.reasons import Reason
from tests.e2e.programs import Programs
from tests.e2e.test_breaker import PATH
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Json, Shop, manifest, steadily, until
from tests.unit.webhook import certs

NAME = "kubernetes.io/metadata.name"


@contextmanager
def edited(shop: Shop, change: Callable[[Json], None]) -> Iterator[None]:
    """Change the entry for pods while the block runs."""
    before = msgspec.json.decode(shop.gateway.get(PATH))["webhooks"]
    entries = msgspec.json.decode(msgspec.json.encode(before))
    change(next(w for w in entries if w["name"] == "pods.podtailor.io"))
    shop.gateway.patch(PATH, {"webhooks": entries})
    try:
        yield
    finally:
        shop.gateway.patch(PATH, {"webhooks": before})


def other_namespaces(shop: Shop) -> Callable[[Json], None]:
    def change(entry: Json) -> None:
        expression = {"key": NAME, "operator": "NotIn", "values": [shop.namespace]}
        entry["namespaceSelector"]["matchExpressions"].append(expression)

    return change


def other_pods(shop: Shop) -> Callable[[Json], None]:
    def change(entry: Json) -> None:
        entry["objectSelector"] = {"matchLabels": {"app": "another"}}

    return change


def other_trust(shop: Shop) -> Callable[[Json], None]:
    def change(entry: Json) -> None:
        made = msgspec.json.encode(certs.pair("another")[0])
        entry["clientConfig"]["caBundle"] = msgspec.json.decode(made)

    return change


ROWS = [
    (other_namespaces, "the namespaceSelector of pods.podtailor.io does not select"),
    (other_pods, "the objectSelector of pods.podtailor.io does not select"),
    (other_trust, "have different caBundles"),
]


@pytest.mark.parametrize(("change", "part"), ROWS, ids=[r[0].__name__ for r in ROWS])
def test_an_error_that_the_probe_s_entry_hides_is_reported_and_no_pod_is_replaced(
    shop: Shop, change: Callable[[Shop], Callable[[Json], None]], part: str
) -> None:
    workload = shop.create(manifest("Deployment"))
    until(lambda: shop.podsize(workload) is not None, 20)
    before = uids(shop.pods())

    def says() -> bool:
        podsize = shop.podsize(workload)
        return bool(
            podsize
            and podsize.status.reason is Reason.WEBHOOK_UNVERIFIED
            and part in podsize.status.message
        )

    with edited(shop, change(shop)):
        until(says, 20, lambda: status_of(shop, workload))
        shop.by_hand(workload, BY_HAND)
        steadily(lambda: says() and uids(shop.pods()) == before, 4)
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))


def test_a_webhook_without_a_serving_pod_is_reported_as_such(
    shop: Shop, programs: Programs
) -> None:
    workload = shop.create(manifest("Deployment"))
    until(lambda: shop.podsize(workload) is not None, 20)
    before = uids(shop.pods())
    programs.webhook.stop()
    try:
        shop.by_hand(workload, BY_HAND)
        until(lambda: reason(shop, workload) is Reason.WEBHOOK_UNVERIFIED, 20)
        podsize = shop.podsize(workload)
        assert podsize and "no answer from 127.0.0.1" in podsize.status.message
        steadily(lambda: uids(shop.pods()) == before, 2)
    finally:
        programs.webhook.start()
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
