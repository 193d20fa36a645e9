"""Manual damage to the webhook's configuration is repaired or reported, and pods do not suffer."""

import base64
import re
import time

import pytest

from kube.objects import Pod
from store.model import Phase, Workload
from store.reasons import Reason
from tests.chart.alerts import check_metrics
from tests.e2e.test_sizes_reach_pods import settled, status_of, uids
from tests.e2e.workloads import Shop, manifest, steadily, until
from tests.installed.alerting import alerts_of, scraped
from tests.installed.asking import Asker, Stream
from tests.installed.conftest import BY_HAND, HAND, timed
from tests.installed.release import QUICK, Release
from tests.unit.webhook import certs

CYCLE = 2.0  # seconds: scaler.interval as the tests set it
SOON = 2 * CYCLE + 2.0  # two cycles, and some time for a busy machine


def trust(release: Release, bundle: bytes | None) -> None:
    """Let both entries trust this."""
    value = None if bundle is None else base64.b64encode(bundle).decode()
    entries = release.get(release.configuration)["webhooks"]
    for entry in entries:
        entry["clientConfig"]["caBundle"] = value
    release.gateway.patch(release.configuration, {"webhooks": entries}, fieldManager="somebody")


@pytest.mark.parametrize(
    "bundle",
    [
        pytest.param(None, id="emptied"),
        pytest.param(certs.pair("somebody else")[0], id="another-authority"),
        pytest.param(b"garbage", id="garbage"),
    ],
)
def test_a_broken_bundle_is_healed_within_two_cycles(
    release: Release, asker: Asker, bundle: bytes | None
) -> None:
    before = release.bundles()
    trust(release, bundle)
    began = time.monotonic()
    until(lambda: release.bundles() == before, SOON, release.bundles)
    timed("healed", began)
    until(lambda: asker.ask() == HAND, 5, asker.ask)


def test_a_bundle_broken_each_moment_refuses_no_pod(release: Release, asker: Asker) -> None:
    with Stream(asker, HAND, 10) as pods:
        for _ in range(3):
            trust(release, None)
            time.sleep(CYCLE)
    print(pods)
    assert not pods.refused
    assert pods.sized


def blocked(shop: Shop, workload: Workload) -> bool:
    """Whether the status says that the webhook is not set up."""
    podsize = shop.podsize(workload)
    return (
        podsize is not None
        and podsize.status.phase is Phase.BLOCKED
        and podsize.status.reason is Reason.WEBHOOK_UNVERIFIED
        and "helm upgrade" in podsize.status.message
    )


def test_a_deleted_configuration_stops_every_workload_in_words_until_helm_upgrade(
    release: Release, shop: Shop
) -> None:
    names, alerts = ("one", "two"), alerts_of(release)
    workloads = [shop.create(manifest("Deployment", name)) for name in names]
    until(lambda: all(shop.podsize(w) is not None for w in workloads), 20)
    before: list[Pod] = [p for name in names for p in shop.pods(name)]
    well = alerts.scrape()
    release.gateway.delete(release.configuration)
    began = time.monotonic()
    until(
        lambda: all(blocked(shop, w) for w in workloads),
        SOON,
        lambda: [status_of(shop, w) for w in workloads],
    )
    timed("every workload says WebhookUnverified", began)
    for workload in workloads:
        shop.by_hand(workload, BY_HAND)
    steadily(lambda: uids([p for n in names for p in shop.pods(n)]) == uids(before), 3 * CYCLE)
    broken = alerts.scrape()
    assert alerts.fire(["PodtailorWebhookUnverified"], (well, 30), (broken, 6)) == ""
    release.upgrade(*QUICK)
    for workload in workloads:
        until(
            lambda w=workload: settled(shop, w, HAND, 2),  # type: ignore[misc]
            60,
            lambda w=workload: status_of(shop, w),  # type: ignore[misc]
        )
    timed("repaired by helm upgrade, and all pods have their size", began)
    until(lambda: alerts.fire([], (well, 30), (broken, 6), (alerts.scrape(), 2)) == "", 20)


def test_each_alert_asks_for_metrics_that_are_there(release: Release, asker: Asker) -> None:
    """Compare names, and the one relevant label, with what the programs serve.

    A figure of no workload has a type and no sample.
    """
    rendered = str(alerts_of(release).rules)
    asked = set(re.findall(r"\b(?:podtailor|apiserver)_[a-z_]+\b(?=[{\[])", rendered))
    assert len(asked) >= 6
    trust(release, None)
    asker.ask()
    served = scraped(release) + scraped(release, "webhook")
    served += release.gateway.get("/metrics").decode()
    there = r"^(?:# TYPE )?{}(?:{{| )"
    missing = [n for n in asked if not re.search(there.format(n), served, re.MULTILINE)]
    assert missing == []
    assert 'apiserver_admission_webhook_fail_open_count{name="pods.podtailor.io"' in served


@pytest.mark.parametrize("component", ["webhook", "scaler"])
def test_prometheus_accepts_the_metrics(release: Release, component: str) -> None:
    assert check_metrics(scraped(release, component)) == ""
