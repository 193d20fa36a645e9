"""A webhook that does not answer correctly: pods start with their manifest's values, and an
alert fires.

| the webhook                             | a pod's values | it waits   | alerts that fire     |
| --------------------------------------- | -------------- | ---------- | -------------------- |
| answers                                 | its size       | not at all | none                 |
| is gone                                 | the manifest's | not at all | FailsOpen at once,   |
|                                         |                |            | later WebhookMissing |
| hangs, longer than its timeout          | the manifest's | 5 seconds  | FailsOpen            |
| has an untrusted certificate, and no    | the manifest's | not at all | FailsOpen and        |
| scaler runs that could fix it           |                |            | ScalerStuck          |
"""

import base64
import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.workloads import Shop, sizes, until
from tests.installed import node
from tests.installed.alerting import Alerts, alerts_of
from tests.installed.asking import Asker
from tests.installed.conftest import HAND, PLAIN
from tests.installed.release import Release
from tests.installed.test_renewal import long_lived, served
from tests.unit.webhook import certs

TIMEOUT = 5.0  # seconds: webhook.timeoutSeconds


@pytest.fixture
def alerts(release: Release) -> Alerts:
    return alerts_of(release)


def test_no_alert_fires_where_all_is_well(asker: Asker, alerts: Alerts) -> None:
    assert asker.ask() == HAND
    assert alerts.fire([], (alerts.scrape(), 60)) == ""


@pytest.fixture
def stopped(release: Release) -> Iterator[Release]:
    """The release; a test's `stop` removes its webhook."""
    yield release
    release.kubectl("scale", "deployment/podtailor-webhook", "--replicas=2")


def test_without_a_webhook_pods_start_unsized_and_an_alert_fires(
    asker: Asker, stopped: Release, shop: Shop, alerts: Alerts
) -> None:
    well = alerts.scrape()
    stopped.kubectl("scale", "deployment/podtailor-webhook", "--replicas=0")
    until(lambda: not stopped.pods("webhook"), 40)
    assert asker.ask() == PLAIN
    shop.patch(asker.workload, {"spec": {"replicas": 2}})
    until(lambda: [sizes(p) for p in shop.pods() if p.ready] == [PLAIN] * 2, 30)
    gone = alerts.scrape()
    assert alerts.fire(["PodtailorFailsOpen"], (well, 30), (gone, 3)) == ""
    later = ("PodtailorFailsOpen", "PodtailorWebhookMissing")
    assert alerts.fire(later, (well, 30), (gone, 10)) == ""


def test_a_webhook_that_hangs_holds_a_pod_up_for_five_seconds_at_most(
    release: Release, asker: Asker, alerts: Alerts
) -> None:
    names = [p.metadata.name for p in release.pods("webhook")]
    well = alerts.scrape()
    for name in names:
        node.send(release, name, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert asker.ask() == PLAIN
        took = time.monotonic() - began
    finally:
        for name in names:
            node.send(release, name, signal.SIGCONT)
    print(f"a pod waited {took:.1f} s for a webhook that hangs")
    assert TIMEOUT - 0.5 < took < TIMEOUT + 2
    until(lambda: asker.ask() == HAND, 20)
    assert alerts.fire(["PodtailorFailsOpen"], (well, 30), (alerts.scrape(), 3)) == ""


@pytest.fixture
def misled(release: Release) -> Iterator[Release]:
    """The release with a certificate that another CA signed, and no scaler to fix it."""
    release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=0")
    until(lambda: not release.pods("scaler"), 40)
    certificate, key = certs.pair("somebody else", days=40)
    data = {"tls.crt": base64.b64encode(certificate), "tls.key": base64.b64encode(key)}
    secret = release.path("secrets", "podtailor-webhook-tls", "api/v1")
    release.gateway.patch(secret, {"data": {k: v.decode() for k, v in data.items()}})
    # The API server keeps using connections that it already trusts.
    release.kubectl("delete", "pod", "-l", "app.kubernetes.io/component=webhook")
    until(lambda: release.ready("webhook", 2), 60)
    yield release
    release.kubectl("scale", "deployment/podtailor-scaler", "--replicas=1")
    until(lambda: long_lived(release, 80), 90, lambda: served(release))


def test_a_certificate_that_nobody_trusts_costs_sizes_and_an_alert_fires(
    asker: Asker, alerts: Alerts, misled: Release, shop: Shop
) -> None:
    before = alerts.scrape()
    assert asker.ask() == PLAIN
    shop.patch(asker.workload, {"spec": {"replicas": 2}})
    until(lambda: [sizes(p) for p in shop.pods() if p.ready] == [PLAIN] * 2, 30)
    stuck = ["PodtailorScalerStuck"]
    assert alerts.fire(stuck, (before, 30)) == ""
    assert alerts.fire(["PodtailorFailsOpen", *stuck], (before, 30), (alerts.scrape(), 3)) == ""
