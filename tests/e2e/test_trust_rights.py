"""The rights that trust needs: together they suffice, and each missing one is reported."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from kubernetes import client, config

from kube.gateway import Gateway
from scaler.certificates.trust import Trust
from tests.e2e.trusting import Release, released

Json = dict[str, Any]
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@pytest.fixture
def release(gateway: Gateway, namespace: str) -> Iterator[Release]:
    with released(gateway, namespace) as made:
        yield made


RIGHTS: dict[str, Json] = {
    "secrets": {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["ca", "tls"]},
    "mutatingwebhookconfigurations": {
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["mutatingwebhookconfigurations"],
    },
}


def allow(release: Release, verbs: dict[str, list[str]]) -> Callable[[], None]:
    """Grant the account `scaler` exactly these rights; the result revokes the cluster-wide ones."""
    name = release.settings.namespace
    rules = [{**RIGHTS[kind], "verbs": allowed} for kind, allowed in verbs.items()]
    rules[1]["resourceNames"] = [name]
    subject = {"kind": "ServiceAccount", "name": "scaler", "namespace": name}
    for kind, rule, where in (
        ("Role", rules[0], f"{RBAC}/namespaces/{name}/"),
        ("ClusterRole", rules[1], f"{RBAC}/"),
    ):
        ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
        binding = {"metadata": {"name": name}, "roleRef": ref, "subjects": [subject]}
        plural = f"{kind.lower()}s"
        release.gateway.post(where + plural, {"metadata": {"name": name}, "rules": [rule]})
        release.gateway.post(f"{where}{kind.lower()}bindings", binding)

    def forbid() -> None:
        release.gateway.delete(f"{RBAC}/clusterroles/{name}")
        release.gateway.delete(f"{RBAC}/clusterrolebindings/{name}")

    return forbid


def as_scaler(release: Release) -> Gateway:
    """The API server, called as the account `scaler`."""
    accounts = f"/api/v1/namespaces/{release.settings.namespace}/serviceaccounts"
    release.gateway.post(accounts, {"metadata": {"name": "scaler"}})
    raw = release.gateway.post(f"{accounts}/scaler/token", {"spec": {"audiences": []}})
    own = client.Configuration()
    config.load_kube_config(client_configuration=own)
    own.cert_file = own.key_file = None
    own.api_key = {"authorization": "Bearer " + msgspec.json.decode(raw)["status"]["token"]}
    return Gateway(own)


ENOUGH = {"secrets": ["get", "patch"], "mutatingwebhookconfigurations": ["get", "patch"]}
TAKEN = [
    ("nothing", "", "", ""),
    ("get secrets", "secrets", "get", 'cannot get resource "secrets"'),
    ("patch secrets", "secrets", "patch", 'cannot patch resource "secrets"'),
    ("get it", "mutatingwebhookconfigurations", "get", "cannot get resource"),
    ("patch it", "mutatingwebhookconfigurations", "patch", "cannot patch resource"),
]


@pytest.mark.parametrize(("name", "kind", "verb", "part"), TAKEN)
def test_the_trust_cycle_names_the_right_that_is_missing(
    release: Release, name: str, kind: str, verb: str, part: str
) -> None:
    verbs = {k: [v for v in allowed if (k, v) != (kind, verb)] for k, allowed in ENOUGH.items()}
    verbs = {k: allowed or ["watch"] for k, allowed in verbs.items()}
    forbid = allow(release, verbs)
    try:
        trust = Trust(as_scaler(release), release.settings)
        state = trust.cycle(time.time())
        end = time.monotonic() + 10
        while (
            not part and not state.ok and time.monotonic() < end
        ):  # rights take effect with a delay
            time.sleep(0.2)
            state = trust.cycle(time.time())
        assert state.ok is not bool(part), state
        assert part in state.message
    finally:
        forbid()
