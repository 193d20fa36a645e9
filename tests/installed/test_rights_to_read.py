"""Each right to read is needed: without it, the log names what cannot be read.

The scaler's own parts run here under an account with all of the chart's rules except one.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import msgspec
import pytest

from kube import kinds
from kube.errors import NotFound
from kube.kubelet import KubeletReader
from kube.lease import Lease
from kube.objects import Node
from scaler.usage.scraper import Kubelets
from scaler.watches import Observer
from store.cache import Cache
from tests.e2e import vertical
from tests.e2e.workloads import until
from tests.installed.accounts import LEASE, without
from tests.installed.release import Release
from tests.installed.rights import Grant
from webhook.nodes import Nodes

APPS, STORE = "apps", "podtailor.io"
CORE = (
    *("pods", "namespaces", "nodes", "limitranges", "resourcequotas"),
    "persistentvolumeclaims",
)
BATCH = (kinds.JOB, kinds.CRON_JOB)
"""They only get events: nothing waits for them."""
RULES = (
    *(kinds.DISRUPTION_BUDGET, kinds.REFUSING_WEBHOOKS, kinds.WEBHOOK_CONFIGURATION),
    *(kinds.ADMISSION_POLICY, kinds.ADMISSION_BINDING),
)
"""With their change a wait ends: nothing waits for them either."""
PATHS = {
    **{kind.plural: kind.path() for kind in kinds.OWNERS.values()},
    **{name: f"/api/v1/{name}" for name in CORE},
    **{kind.plural: kind.path() for kind in (*BATCH, *RULES)},
    "horizontalpodautoscalers": kinds.HORIZONTAL_AUTOSCALER.path(),
    "verticalpodautoscalers": kinds.VERTICAL_AUTOSCALER.path(),
    "podsizes": f"/apis/{STORE}/v1alpha1/podsizes",
}


def group_of(path: str) -> str:
    return path.split("/")[2] if path.startswith("/apis/") else ""


WATCHED = {
    Grant(verb, name, group_of(path)): path
    for verb in ("list", "watch")
    for name, path in PATHS.items()
}
WEBHOOK = {
    Grant(verb, *what) for verb in ("list", "watch") for what in (("podsizes", STORE), ("nodes",))
}
USAGE = Grant("get", "nodes/metrics")
LEASES = {Grant(verb, "leases", "coordination.k8s.io") for verb in ("get", "create", "patch")}


def refused(caplog: pytest.LogCaptureFixture, grant: Grant) -> Callable[[], bool]:
    """Whether a log record names the right that is missing."""
    message = f'cannot {grant.verb} resource "{grant.resource}"'
    return lambda: any(message in getattr(r, "error", "") for r in caplog.records)


@pytest.fixture(scope="module")
def every_kind(quick: Release) -> Iterator[None]:
    """Every kind, including the one that a cluster may lack."""
    with vertical.installed(quick.gateway):
        yield


@pytest.mark.usefixtures("every_kind")
@pytest.mark.parametrize("grant", WATCHED, ids=str)
def test_the_scaler_names_what_it_has_no_right_to_watch(
    release: Release, caplog: pytest.LogCaptureFixture, grant: Grant
) -> None:
    stop, path = threading.Event(), WATCHED[grant]
    with without(release, "scaler", grant) as account, caplog.at_level(logging.WARNING):
        observer = Observer(account.gateway, lambda key: None)
        observer.start(stop)
        try:
            until(refused(caplog, grant), 10, lambda: caplog.text)
            waits = grant.verb == "list" and path not in {kind.path() for kind in (*BATCH, *RULES)}
            left = [path] if waits else []
            until(lambda: observer.missing() == left, 10, observer.missing)
        finally:
            stop.set()


@pytest.mark.parametrize("grant", sorted(WEBHOOK, key=str), ids=str)
def test_the_webhook_names_what_it_has_no_right_to_watch(
    release: Release, caplog: pytest.LogCaptureFixture, grant: Grant
) -> None:
    stop = threading.Event()
    with without(release, "webhook", grant) as account, caplog.at_level(logging.WARNING):
        of_nodes = grant.resource == "nodes"
        watch = Nodes(account.gateway, stop).watch if of_nodes else Cache(account.gateway).watch
        threading.Thread(target=watch.run, args=(stop,), daemon=True).start()
        try:
            until(refused(caplog, grant), 10, lambda: caplog.text)
            assert watch.synced is (grant.verb == "watch")
        finally:
            stop.set()


def test_a_usage_failure_names_the_right_that_is_missing(release: Release) -> None:
    class Nodes(msgspec.Struct):
        items: list[Node]

    nodes = msgspec.json.decode(release.gateway.get("/api/v1/nodes"), type=Nodes).items
    with (
        without(release, "scaler", USAGE) as account,
        closing(KubeletReader(account.gateway.trust, verify=True)) as reader,
    ):
        there = {n.metadata.name: {("shop", "web-1")} for n in nodes}
        scrape = Kubelets(reader, deadline=5).read(nodes, time.time, there)
    assert set(scrape.failures) == {n.metadata.name for n in nodes}
    assert all("needs `get` on nodes/metrics" in why for why in scrape.failures.values())


@pytest.mark.parametrize("grant", sorted(LEASES, key=str), ids=str)
def test_a_lease_without_its_right_is_not_held_and_the_log_says_why(
    release: Release, caplog: pytest.LogCaptureFixture, grant: Grant
) -> None:
    stop, leases = threading.Event(), release.path("leases", LEASE, "apis/coordination.k8s.io/v1")
    if grant.verb != "create":
        release.gateway.post(leases.rpartition("/")[0], {"metadata": {"name": LEASE}})
    with without(release, "scaler", grant) as account, caplog.at_level(logging.WARNING):
        lease = Lease(account.gateway, release.namespace, LEASE, account.name, renew=0.3)
        thread = threading.Thread(target=lease.run, args=(stop,))
        thread.start()
        try:
            until(refused(caplog, grant), 10, lambda: caplog.text)
            assert not lease.acquired.is_set()
        finally:
            stop.set()
            thread.join(10)
            with suppress(NotFound):
                release.gateway.delete(leases)
