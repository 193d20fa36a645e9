"""Pods are created continuously while the webhook and the scaler are restarted and killed.

| under 20 pods a second             | without their size | refused |
| ---------------------------------- | ------------------ | ------- |
| the webhook's Deployment is rolled | none               | none    |
| the scaler is killed               | none               | none    |
| a webhook pod is killed            | for a moment       | none    |

Pods without any webhook are in test_failing_open.py.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.workloads import until
from tests.installed import node
from tests.installed.asking import Asker, Stream
from tests.installed.conftest import HAND
from tests.installed.release import Release

RATE = 20.0
TIMEOUT = 5.0  # seconds: webhook.timeoutSeconds


@contextmanager
def under_load(asker: Asker, what: str) -> Iterator[Stream]:
    """The stream of pods; logs its figures at the end, and asserts that no pod was refused."""
    with Stream(asker, HAND, RATE) as asked:
        time.sleep(1)
        yield asked
        time.sleep(2)
    print(f"{what}: {asked}")
    assert asked.refused == []
    assert asked.sized > RATE


def test_a_rollout_of_the_webhook_misses_no_pod(release: Release, asker: Asker) -> None:
    before = {p.metadata.uid for p in release.pods("webhook")}
    with under_load(asker, "rollout of the webhook") as asked:
        release.kubectl("rollout", "restart", "deployment/podtailor-webhook")
        release.kubectl("rollout", "status", "deployment/podtailor-webhook", "--timeout=120s")
        until(lambda: release.ready("webhook", 2), 60)
    assert not before & {p.metadata.uid for p in release.pods("webhook")}
    assert asked.without == []


def test_a_killed_scaler_is_not_noticed_by_new_pods(release: Release, asker: Asker) -> None:
    [scaler] = [p.metadata.name for p in release.pods("scaler")]
    with under_load(asker, "scaler killed") as asked:
        node.send(release, scaler, signal.SIGKILL)
        release.kubectl("delete", "pod", scaler, "--force", "--grace-period=0")
        until(release.whole, 60)
    assert asked.without == []


def test_a_killed_webhook_pod_costs_sizes_for_a_moment_and_refuses_no_pod(
    release: Release, asker: Asker
) -> None:
    name = release.pods("webhook")[0].metadata.name
    with under_load(asker, "one webhook pod killed") as asked:
        killed = time.monotonic()
        node.send(release, name, signal.SIGKILL)
        release.kubectl("delete", "pod", name, "--force", "--grace-period=0")
        until(lambda: release.ready("webhook", 2), 60)
        back = time.monotonic() - killed
    first, last = min(asked.without, default=0.0), max(asked.without, default=0.0)
    print(f"two pods again after {back:.1f} s; sizes were missed for {last - first:.1f} s")
    assert last - first < 2 * TIMEOUT
