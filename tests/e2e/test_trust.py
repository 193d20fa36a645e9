"""The webhook's trust with the real API server: verification, server-side apply, conflicts."""

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kube.errors import Conflict, KubeError
from kube.gateway import APPLY_PATCH, Gateway
from scaler.certificates.issuing import Pair
from scaler.certificates.renewal import flaw
from scaler.certificates.secrets import read_configuration, read_secret, write_bundle, write_secret
from scaler.certificates.trust import Trust
from tests.e2e.trusting import LABEL, Release, Webhook, answering, released

Json = dict[str, Any]


@pytest.fixture
def release(gateway: Gateway, namespace: str) -> Iterator[Release]:
    with released(gateway, namespace) as made:
        yield made


def trusted(release: Release) -> bool:
    """Whether both entries trust the stored certificate."""
    data = release.secret("tls")
    leaf = Pair(data["tls.crt"], data["tls.key"])
    names, now = release.settings.names, time.time()
    return all(flaw(leaf, bundle, names, now) is None for bundle in release.bundles())


def test_empty_secrets_are_filled_trust_is_written_and_then_nothing(release: Release) -> None:
    trust = Trust(release.gateway, release.settings)
    state = trust.cycle(time.time())
    assert state.ok and len(state.done) == 3, state
    assert trusted(release)
    assert release.secret("tls")["ca.crt"] == release.secret("ca")["tls.crt"]
    before = release.versions()
    for later in (30, 60, 90):
        assert trust.cycle(time.time() + later).done == ()
    assert release.versions() == before


def owned(release: Release, manager: str) -> list[Json]:
    """The fields of each entry that this manager owns."""
    fields = release.configuration()["metadata"]["managedFields"]
    mine = next(f["fieldsV1"]["f:webhooks"] for f in fields if f["manager"] == manager)
    return [entry for key, entry in mine.items() if key.startswith("k:")]


def test_only_the_ca_bundle_of_the_webhook_configuration_is_written(release: Release) -> None:
    before = release.configuration()
    Trust(release.gateway, release.settings).cycle(time.time())
    after = release.configuration()
    for entry in after["webhooks"]:
        del entry["clientConfig"]["caBundle"]
    assert after["webhooks"] == before["webhooks"]
    ours: Json = {".": {}, "f:clientConfig": {"f:caBundle": {}}, "f:name": {}}
    assert owned(release, "podtailor-trust") == [ours, ours]


@pytest.mark.parametrize("apply", [True, False], ids=["server-side", "merge"])
def test_an_upgrade_of_the_chart_neither_conflicts_with_the_bundle_nor_empties_it(
    release: Release, apply: bool
) -> None:
    Trust(release.gateway, release.settings).cycle(time.time())
    manifest = release.manifest()
    for entry in manifest["webhooks"]:
        entry["timeoutSeconds"] = 3
    if apply:
        release.gateway.patch(
            release.path, manifest, APPLY_PATCH, fieldManager="chart", force="true"
        )
    else:
        kind = "application/strategic-merge-patch+json"
        release.gateway.patch(release.path, manifest, kind, fieldManager="chart")
    assert {e["timeoutSeconds"] for e in release.configuration()["webhooks"]} == {3}
    assert trusted(release)
    assert Trust(release.gateway, release.settings).cycle(time.time()).done == ()


def set_bundle(release: Release, at: int, value: str | None) -> None:
    webhooks = release.configuration()["webhooks"]
    webhooks[at]["clientConfig"]["caBundle"] = value
    release.gateway.patch(release.path, {"webhooks": webhooks})


def test_a_bundle_that_is_emptied_or_replaced_is_healed_within_a_cycle(release: Release) -> None:
    trust = Trust(release.gateway, release.settings)
    trust.cycle(time.time())
    right = release.bundles()
    for at, value in ((0, None), (1, ""), (0, base64.b64encode(b"garbage").decode())):
        set_bundle(release, at, value)
        assert not trusted(release)
        state = trust.cycle(time.time())
        assert state.ok and len(state.done) == 1, state
        assert release.bundles() == right


@pytest.mark.parametrize("name", ["ca", "tls"])
def test_a_secret_that_is_emptied_is_filled_again_and_the_other_labels_stay(
    release: Release, name: str
) -> None:
    trust = Trust(release.gateway, release.settings)
    now = time.time()
    trust.cycle(now)
    path = f"{release.secrets}/{name}"
    release.gateway.patch(path, {"metadata": {"labels": {"app": "shop"}}, "data": None})
    assert release.secret(name) == {}
    for later in (0.0, 30.0):
        state = trust.cycle(now + later)
        assert state.ok, state
    assert trusted(release)
    found: Json = msgspec.json.decode(release.gateway.get(path))
    assert found["metadata"]["labels"] == {"app": "shop"}


def test_a_missing_configuration_is_named_and_never_made(release: Release) -> None:
    trust = Trust(release.gateway, release.settings)
    trust.cycle(time.time())
    found = read_configuration(release.gateway, release.settings.configuration)
    assert found is not None
    release.gateway.delete(release.path)
    state = trust.cycle(time.time())
    assert not state.ok and f"{release.settings.configuration} is missing" in state.message
    with pytest.raises(Conflict):  # it was deleted between our read and our write
        write_bundle(release.gateway, found, release.settings.entries, b"other")
    assert read_configuration(release.gateway, release.settings.configuration) is None


def test_of_two_writers_of_a_secret_the_second_is_refused(release: Release) -> None:
    seen = read_secret(release.gateway, release.settings.namespace, "tls")
    assert seen is not None
    assert write_secret(release.gateway, seen, {"tls.crt": b"a", "tls.key": b"a"})
    with pytest.raises(Conflict):
        write_secret(release.gateway, seen, {"tls.crt": b"b", "tls.key": b"b"})
    assert release.secret("tls") == {"tls.crt": b"a", "tls.key": b"a"}


@pytest.mark.slow
def test_no_pod_goes_untrusted_through_renewals_of_leaf_and_ca(
    gateway: Gateway, namespace: str, tmp_path: Path
) -> None:
    """Lifetimes of half a minute: at least three leaves and two CAs; pods (dry run) throughout."""
    webhook = Webhook(tmp_path)
    with answering(webhook) as url, released(gateway, namespace, url) as release:
        settings = replace(
            release.settings, addresses=("127.0.0.1",), ca_lifetime=45, leaf_lifetime=30, refresh=2
        )
        trust = Trust(gateway, settings)
        stored, authorities, pods = [], set[bytes](), 0
        end, turn = time.monotonic() + 64, 0.0
        while time.monotonic() < end:
            if time.monotonic() >= turn:
                turn = time.monotonic() + 1
                state = trust.cycle(time.time())
                assert state.ok, state
                stored.append(release.secret("tls"))
                authorities.add(release.secret("ca")["tls.crt"])
            # Two replicas: one has the new pair at once, the other's kubelet two seconds later.
            for pair in (stored[-1], stored[max(0, len(stored) - 3)]):
                webhook.serve(pair["tls.crt"], pair["tls.key"])
                if not pods:
                    until_seen(gateway, namespace)
                assert seen(gateway, namespace), f"pod {pods}, {len(authorities)} CAs so far"
                pods += 1
        leaves = {data["tls.crt"] for data in stored}
        assert (len(leaves) >= 3, len(authorities) >= 2, pods > 200) == (True, True, True)


def seen(gateway: Gateway, namespace: str) -> bool:
    """Whether the webhook is called for a new pod (as a dry run)."""
    spec = {"containers": [{"name": "app", "image": "none"}]}
    raw = gateway.post(
        f"/api/v1/namespaces/{namespace}/pods",
        {"metadata": {"generateName": "pod-"}, "spec": spec},
        dryRun="All",
    )
    made: Json = msgspec.json.decode(raw)
    return LABEL in (made["metadata"].get("labels") or {})


def until_seen(gateway: Gateway, namespace: str) -> None:
    """The API server takes a moment to learn of a new configuration, and a namespace of its
    service account."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            if seen(gateway, namespace):
                return
        except KubeError:
            pass
        time.sleep(0.1)
    raise AssertionError("the webhook is never asked")
