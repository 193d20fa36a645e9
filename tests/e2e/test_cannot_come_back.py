"""A pod stays that could not come back whatever its size, or about which nobody gets an answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from kube.errors import NotFound, Unreachable
from kube.gateway import Gateway, connect
from store.model import Phase, Workload
from store.reasons import Reason
from tests.e2e.observed import await_event
from tests.e2e.test_sizes_reach_pods import BY_HAND, LARGE, settled, status_of, uids
from tests.e2e.test_what_stands_in_the_way import reason
from tests.e2e.workloads import Shop, manifest, until

ALONE = {
    "podtailor.io/mode": "auto",
    "podtailor.io/single-replica": "restart",
    "podtailor.io/disruption": "evict",
}
_HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"


def refused(shop: Shop, workload: Workload, words: str) -> bool:
    podsize = shop.podsize(workload)
    if podsize is None or reason(shop, workload) is not Reason.REFUSED:
        return False
    return podsize.status.phase is Phase.BLOCKED and words in podsize.status.message


@pytest.mark.parametrize(
    ("field", "collection", "kind"),
    [
        ("serviceAccountName", "/api/v1/namespaces/{}/serviceaccounts", "ServiceAccount"),
        ("priorityClassName", "/apis/scheduling.k8s.io/v1/priorityclasses", "PriorityClass"),
    ],
    ids=["its ServiceAccount", "its PriorityClass"],
)
def test_what_the_pod_needs_to_be_let_in_is_gone(
    shop: Shop, field: str, collection: str, kind: str
) -> None:
    """The pods that run do not notice; each new one would be refused, with any size."""
    name, path = f"of-{shop.namespace}", collection.format(shop.namespace)
    value = {"value": 100} if kind == "PriorityClass" else {}
    shop.gateway.post(path, {"metadata": {"name": name}, **value})
    pod = {field: name, "automountServiceAccountToken": False}
    workload = shop.create(manifest("Deployment", replicas=1, annotations=ALONE, pod=pod))
    before = uids(shop.pods())
    shop.gateway.delete(f"{path}/{name}")
    shop.by_hand(workload, BY_HAND)
    said = f"could not come back: its {kind} {name} is gone"
    until(lambda: refused(shop, workload, said), 20, lambda: status_of(shop, workload))
    assert uids(shop.pods()) == before
    podsize = shop.podsize(workload)
    assert podsize and podsize.status.restarts.count == 0
    await_event(shop, workload, said, "Refused")
    shop.gateway.post(path, {"metadata": {"name": name}, **value})
    try:
        until(lambda: settled(shop, workload, LARGE, 1), 30, lambda: status_of(shop, workload))
    finally:
        shop.gateway.delete(f"{path}/{name}")


@contextmanager
def slow(gateway: Gateway, namespace: str) -> Iterator[None]:
    """Somebody's webhook on evictions takes the connection and never says anything."""
    name = f"slow-{namespace}"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"]}
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        hook = {
            "name": "slow.example.com",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Ignore",
            "timeoutSeconds": 30,
            "clientConfig": {"url": f"https://127.0.0.1:{deaf.getsockname()[1]}/"},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "rules": [{**rule, "resources": ["pods/eviction"]}],
        }
        gateway.post(_HOOKS, {"metadata": {"name": name}, "webhooks": [hook]})
        try:
            yield
        finally:
            with suppress(NotFound):
                gateway.delete(f"{_HOOKS}/{name}")


def unanswered(shop: Shop) -> bool:
    """Whether it is in force: an eviction that is only asked for gets no answer."""
    name = shop.pods()[0].metadata.name
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": shop.namespace},
        "deleteOptions": {"dryRun": ["All"]},
    }
    try:
        path = f"/api/v1/namespaces/{shop.namespace}/pods/{name}/eviction"
        connect(timeout=1.0).post(path, body)
    except Unreachable:
        return True
    return False


def test_a_webhook_that_does_not_answer_is_named_and_holds_up_nobody_else(shop: Shop) -> None:
    workload = shop.create(manifest("Deployment"))
    other = shop.create(manifest("Deployment", "other"))
    before = uids(shop.pods())
    with slow(shop.gateway, shop.namespace):
        until(lambda: unanswered(shop), 20)
        shop.by_hand(workload, BY_HAND)
        said = "no answer in time, though the API server answers"
        until(lambda: refused(shop, workload, said), 40, lambda: status_of(shop, workload))
        assert uids(shop.pods()) == before
        podsize = shop.podsize(workload)
        assert podsize and podsize.status.restarts.count == 0
        # Between two tries, the second of which is 12 s after the first.
        shop.annotate(other, mode="off")
        until(lambda: reason(shop, other) is Reason.OPTED_OUT, 8, lambda: status_of(shop, other))
    until(lambda: settled(shop, workload, LARGE, 2), 60, lambda: status_of(shop, workload))
