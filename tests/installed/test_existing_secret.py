"""`webhook.certificates.mode: existing-secret`, with a Secret that a user created."""

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaler.certificates.issuing import Pair, issue_ca, issue_leaf
from tests.e2e.test_sizes_reach_pods import settled, status_of
from tests.e2e.workloads import Shop, manifest, until
from tests.installed.conftest import BY_HAND, HAND
from tests.installed.release import QUICK, Release

NAME = "made-by-users"
DAY = 86400.0


@pytest.fixture
def given(release: Release, tmp_path: Path) -> Iterator[tuple[Release, Pair]]:
    """The release with a certificate of the test's own."""
    host = f"{release.fullname}-webhook.{release.namespace}.svc"
    authority = issue_ca(time.time(), DAY)
    leaf = issue_leaf(authority, [host], time.time(), DAY)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": NAME},
        "stringData": {"tls.crt": leaf.certificate.decode(), "tls.key": leaf.key.decode()},
    }
    release.kubectl("apply", "-f", "-", stdin=json.dumps(secret))
    file = tmp_path / "ca.crt"
    file.write_bytes(authority.certificate)
    mode = ("webhook.certificates.mode=existing-secret", f"webhook.certificates.secretName={NAME}")
    trust = {"webhook.certificates.caBundle": file}
    with pytest.raises(AssertionError, match='conflicts with "podtailor-trust"'):
        release.upgrade(
            *QUICK, *mode, files=trust
        )  # two writers of one caBundle: the user has to decide
    release.upgrade(*QUICK, *mode, files=trust, force=True)
    yield release, authority
    release.upgrade(*QUICK)
    release.kubectl("delete", "secret", NAME)


def test_a_certificate_of_one_s_own_serves_and_the_scaler_writes_none(
    given: tuple[Release, Pair], shop: Shop
) -> None:
    release, authority = given
    trusted = {base64.b64decode(bundle).strip() for bundle in release.bundles()}
    assert trusted == {authority.certificate.strip()}
    workload = shop.create(manifest("Deployment"))
    shop.by_hand(workload, BY_HAND)
    until(lambda: settled(shop, workload, HAND, 2), 60, lambda: status_of(shop, workload))
    assert "Phase:          Succeeded" in release.test()
    secrets = release.kubectl("get", "secrets", "-o", "name").split()
    assert f"secret/{NAME}" in secrets
    assert not {"secret/podtailor-ca", "secret/podtailor-webhook-tls"} & set(secrets)


def test_a_release_goes_back_to_certificates_that_renew_themselves(release: Release) -> None:
    until(release.whole, 60)
