"""`webhook.certificates.mode: cert-manager`, with cert-manager's own controllers.

They run here as processes with the cluster's kubeconfig, so its chart and roles are not covered;
issuing, renewing and injecting are its own. Everything is removed at the end.
"""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from tests.chart import tools
from tests.e2e.test_sizes_reach_pods import settled, status_of
from tests.e2e.workloads import Shop, manifest, until
from tests.installed.asking import Asker, Stream
from tests.installed.conftest import BY_HAND, HAND
from tests.installed.release import QUICK, Json, Release, run
from tests.installed.test_renewal import RATE, served

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

MODE = "webhook.certificates.mode=cert-manager"
CERTIFICATES = "apis/cert-manager.io/v1"
ISSUED = ("podtailor-ca", "podtailor-webhook-tls")
LOOK = 100  # seconds within which every kubelet has updated a changed Secret in its pods


@pytest.fixture
def cert_manager(release: Release, tmp_path: Path) -> Iterator[Path]:
    """Controller and cainjector, and the folder with their logs."""
    definitions = str(tools.cert_manager_definitions())
    run("kubectl", "apply", "--server-side", "-f", definitions)
    run("kubectl", "wait", "--for=condition=Established", "-f", definitions, "--timeout=30s")
    with ExitStack() as stack:
        for name, program in tools.cert_manager().items():
            log = stack.enter_context((tmp_path / name).open("wb"))
            process = subprocess.Popen([program], stdout=log, stderr=log)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        yield tmp_path
    run("kubectl", "delete", "-f", definitions)


@pytest.fixture
def managed(release: Release, cert_manager: Path) -> Iterator[Release]:
    """The release, reinstalled in this mode."""
    release.uninstall()
    try:
        print(f"installed in {release.install(*QUICK, MODE):.1f} s")
        until(release.whole, 60, lambda: log(cert_manager))
        yield release
    finally:
        release.uninstall()
        # cert-manager keeps what it has issued, and no other release may adopt it.
        release.kubectl("delete", "secret", "--ignore-not-found", *ISSUED)
        release.install(*QUICK)


def log(folder: Path) -> str:
    return "".join(path.read_text()[-3000:] for path in folder.iterdir())


@pytest.fixture
def managed_shop(managed: Release, shop: Shop) -> Shop:
    """A namespace, once the release is installed: its workloads need a scaler."""
    return shop


def secret(release: Release, name: str) -> dict[str, bytes]:
    data: Json = release.get(release.path("secrets", name, "api/v1"))["data"]
    return {key: base64.b64decode(value) for key, value in data.items()}


def renew(release: Release) -> None:
    """Set the condition that requests a new certificate, as `cmctl renew` does."""
    path = release.path("certificates", "podtailor-webhook", CERTIFICATES)
    found = release.get(path)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = {
        "type": "Issuing",
        "status": "True",
        "reason": "ManuallyTriggered",
        "message": "renewed by a test",
        "lastTransitionTime": now,
        "observedGeneration": found["metadata"]["generation"],
    }
    patch = json.dumps({"status": {"conditions": [*found["status"]["conditions"], asked]}})
    which = ("certificate", "podtailor-webhook")
    release.kubectl("patch", *which, "--subresource=status", "--type=merge", "-p", patch)


def test_cert_manager_issues_injects_and_renews_and_no_pod_misses_its_size(
    managed: Release, managed_shop: Shop, asker: Asker
) -> None:
    first = secret(managed, ISSUED[1])["tls.crt"]
    assert x509.load_pem_x509_certificate(first).issuer.rfc4514_string() == "CN=podtailor"
    authority = secret(managed, ISSUED[0])["tls.crt"]
    assert {base64.b64decode(bundle) for bundle in managed.bundles()} == {authority}
    writers = managed.get(managed.configuration)["metadata"]["managedFields"]
    of_trust = [w["manager"] for w in writers if "f:caBundle" in json.dumps(w["fieldsV1"])]
    assert of_trust == ["cert-manager-cainjector"], "one writer of the trust"

    workload = managed_shop.create(manifest("Deployment", "deployed"))
    managed_shop.by_hand(workload, BY_HAND)
    until(
        lambda: settled(managed_shop, workload, HAND, 2),
        60,
        lambda: status_of(managed_shop, workload),
    )

    [before] = served(managed)
    with Stream(asker, HAND, RATE) as asked:
        renew(managed)
        began = time.monotonic()
        until(lambda: not served(managed) & {before}, LOOK + 20, lambda: served(managed))
        print(f"all pods serve the new certificate after {time.monotonic() - began:.0f} s")
        time.sleep(5)
    print(f"one renewal by cert-manager: {asked}")
    assert secret(managed, ISSUED[1])["tls.crt"] != first
    assert (asked.without, asked.refused) == ([], [])
    assert "Phase:          Succeeded" in managed.test()
