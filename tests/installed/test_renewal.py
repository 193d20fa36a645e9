"""Certificates valid for minutes: renewed, served and trusted, and no pod misses its size.

A kubelet updates a changed Secret in a running pod when it next syncs that pod, every 60 to 90
seconds. The short form here makes it sync earlier, by changing the pods; the long form
(`make soak`) just waits.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.workloads import until
from tests.installed.asking import Asker, Stream
from tests.installed.conftest import HAND
from tests.installed.release import QUICK, Release

RATE = 1.0


def short(leaf: int, refresh: int) -> tuple[str, ...]:
    """Values for leaf certificates that are valid for that many seconds."""
    return (
        f"webhook.certificates.leafLifetime={leaf}s",
        f"webhook.certificates.refresh={refresh}s",
    )


@contextmanager
def living(release: Release, leaf: int, refresh: int) -> Iterator[None]:
    """The release with short-lived certificates: the long-lived one is discarded, the CA stays."""
    release.upgrade(*QUICK, *short(leaf, refresh))
    secret = release.path("secrets", "podtailor-webhook-tls", "api/v1")
    release.gateway.patch(secret, {"data": {"tls.crt": None, "tls.key": None}})
    try:
        yield
    finally:
        release.upgrade(*QUICK)
        release.gateway.patch(secret, {"data": {"tls.crt": None, "tls.key": None}})
        until(lambda: long_lived(release), 60, lambda: served(release))


def long_lived(release: Release, days: int = 1) -> bool:
    """Whether the ordinary certificate is served again, for the next test."""
    touch(release)
    time.sleep(1)
    return min(served(release), default=0) > time.time() + days * 86400


def served(release: Release) -> set[float]:
    """When the certificates that the webhook's pods serve now expire, by their own metrics."""
    ends = set()
    for pod in release.pods("webhook"):
        path = release.path("pods", f"https:{pod.metadata.name}:10250", "api/v1")
        text = release.gateway.get(path + "/proxy/metrics").decode()
        found = re.search(r"^\w+_certificate_expiry_timestamp_seconds (\S+)", text, re.MULTILINE)
        ends |= {float(found[1])} if found else set()
    return ends


def touch(release: Release) -> None:
    """Change the pods, so that the kubelet updates what they mount."""
    now = str(time.time())
    release.kubectl(
        "annotate", "pod", "--overwrite", "-l", "app.kubernetes.io/component=webhook",
        f"podtailor.io/touched={now}",
    )  # fmt: skip


def followed(release: Release, seconds: float, *, touching: bool) -> list[float]:
    """The expiry times of all certificates that every webhook pod served in that time."""
    deadline, seen = time.monotonic() + seconds, list[float]()
    while time.monotonic() < deadline:
        if touching:
            touch(release)
        ends = served(release)
        if len(ends) == 1 and not ends & set(seen):
            seen += ends
            print(f"serving a leaf that ends in {seen[-1] - time.time():.0f} s", flush=True)
        time.sleep(3)
    return seen


@pytest.mark.slow
def test_a_renewal_misses_no_pod(release: Release, asker: Asker) -> None:
    with living(release, 60, 10):
        first = followed(release, 10, touching=True)[-1]
        with Stream(asker, HAND, RATE) as asked:
            later = followed(release, first - time.time() + 10, touching=True)
    print(f"one renewal: {asked}")
    assert later[-1] > first, "the first leaf has ended and another one serves"
    assert (asked.without, asked.refused) == ([], [])


@pytest.mark.soak
@pytest.mark.timeout(2400)
def test_three_renewals_of_six_minutes_miss_no_pod(release: Release, asker: Asker) -> None:
    with living(release, 360, 90):
        before = followed(release, 120, touching=False)
        with Stream(asker, HAND, RATE) as asked:
            after = followed(release, 3 * 240 + 150, touching=False)
    print(f"three renewals: {asked}")
    assert len(set(after) - set(before[-1:])) >= 3
    assert (asked.without, asked.refused) == ([], [])
