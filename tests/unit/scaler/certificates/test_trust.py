"""The two Secrets and the trust: issued, healed, renewed, in the order that never breaks trust."""

import logging
from dataclasses import replace

import pytest

from kube.errors import Conflict, KubeError
from scaler.certificates.issuing import read
from scaler.certificates.options import CertificateMode
from scaler.certificates.renewal import flaw
from scaler.certificates.trust import Trust, TrustState
from tests.unit.scaler.certificates.trusted import (
    CA,
    CONFIGURATION,
    DAY,
    LEAF,
    NOW,
    SECRETS,
    SETTINGS,
    Cluster,
    cycle,
    forbidden,
    pair,
    settled,
    trusts,
)


def test_two_empty_secrets_become_trust_in_one_cycle_in_this_order() -> None:
    cluster = Cluster()
    state = cycle(cluster)
    assert cluster.writes == [CA, "podtailor", LEAF]
    assert state.ok and state.entrusted and state.expires == NOW + 90 * DAY
    assert len(state.done) == 3
    assert trusts(cluster, pair(cluster, LEAF), NOW)
    assert read(pair(cluster, CA)).ends == NOW + 3650 * DAY
    assert cluster.data(LEAF)["ca.crt"] == cluster.bundles()[0] == pair(cluster, CA).certificate
    assert cluster.data(CA).keys() == {"tls.crt", "tls.key"}, "nothing but what is needed"


def test_an_idle_cycle_reads_thrice_and_writes_nothing() -> None:
    cluster = settled()
    for at in range(400, 4000, 30):
        before = cluster.reads
        state = cycle(cluster, NOW + at)
        assert (state.ok, state.done, cluster.reads - before) == (True, (), 3)
        assert not state.entrusted
    assert cluster.writes == []


def test_a_leaf_is_renewed_at_two_thirds_under_the_same_trust() -> None:
    cluster = settled()
    before, leaf = cluster.bundles(), pair(cluster, LEAF)
    assert cycle(cluster, NOW + 60 * DAY - 1).done == ()
    state = cycle(cluster, NOW + 60 * DAY)
    assert (cluster.writes, cluster.bundles()) == ([LEAF], before)
    assert state.expires == NOW + 150 * DAY
    assert "two thirds" in state.done[0]
    assert pair(cluster, LEAF) != leaf


def test_a_ca_is_renewed_in_steps_each_of_them_trusted() -> None:
    cluster = settled()
    at = NOW + 3650 * DAY * 2 / 3
    cycle(cluster, at - 60)  # the leaf of all these years
    old_ca, old_leaf = pair(cluster, CA), pair(cluster, LEAF)
    cluster.writes.clear()
    cycle(cluster, at)
    new_ca = pair(cluster, CA)
    assert cluster.writes == [CA, "podtailor", LEAF]
    assert pair(cluster, LEAF) == old_leaf, "trust first"
    assert cluster.data(CA)["previous.crt"] == old_ca.certificate
    both = new_ca.certificate + old_ca.certificate
    assert cluster.bundles() == [both, both]
    assert cluster.data(LEAF)["ca.crt"] == both
    assert cycle(cluster, at + 5).done == (), "not every API server may have seen it"
    cycle(cluster, at + 30)
    leaf = pair(cluster, LEAF)
    assert leaf != old_leaf and flaw(leaf, new_ca.certificate, SETTINGS.names, at) is None
    assert cycle(cluster, at + 30 + 179).done == (), "a webhook may still serve the old leaf"
    cluster.writes.clear()
    cycle(cluster, at + 30 + 180)
    assert cluster.writes == [CA, "podtailor", LEAF]
    assert cluster.bundles() == [new_ca.certificate] * 2
    assert pair(cluster, LEAF) == leaf
    assert cluster.data(CA).keys() == {"tls.crt", "tls.key"}
    assert cycle(cluster, at + 30 + 210).done == ()


def test_a_new_leaf_waits_where_trust_cannot_be_written() -> None:
    cluster = settled()
    at = NOW + 3650 * DAY * 2 / 3
    cycle(cluster, at - 60)
    leaf = pair(cluster, LEAF)
    cluster.faults[("PATCH", "podtailor")] = forbidden("patch it")
    for later in (0, 30, 60, 3600):
        state = cycle(cluster, at + later)
        assert not state.ok and "cannot patch it" in state.message
        assert pair(cluster, LEAF) == leaf and trusts(cluster, leaf, at)
    cluster.faults.clear()
    assert cycle(cluster, at + 3630).ok
    assert pair(cluster, LEAF) == leaf
    cycle(cluster, at + 3660)
    assert pair(cluster, LEAF) != leaf and trusts(cluster, pair(cluster, LEAF), at + 3660)


def test_other_names_of_the_service_mean_another_leaf() -> None:
    cluster = settled()
    more = replace(SETTINGS, addresses=("127.0.0.1",))
    assert "other names" in Trust(cluster, more).cycle(NOW + 400).done[0]
    assert cluster.writes == [LEAF]


MISSING = [
    (SECRETS + CA, "Secret system/podtailor-ca is missing", []),
    (SECRETS + LEAF, "Secret system/podtailor-tls is missing", []),
    (CONFIGURATION, "MutatingWebhookConfiguration podtailor is missing", [CA, LEAF]),
]


@pytest.mark.parametrize(("path", "part", "writes"), MISSING)
def test_a_missing_object_is_named_and_nothing_crashes(
    path: str, part: str, writes: list[str]
) -> None:
    cluster = Cluster()
    cluster.remove(path)
    state = cycle(cluster)
    assert not state.ok and part in state.message and "helm upgrade" in state.message
    assert cluster.writes == writes


def test_a_configuration_that_comes_back_is_trusted_again() -> None:
    cluster = settled()
    cluster.remove(CONFIGURATION)
    assert not cycle(cluster, NOW + 400).ok
    cluster.make(CONFIGURATION, {"webhooks": [{"name": n, "clientConfig": {}} for n in
                SETTINGS.entries]}, "podtailor", uid="u2")  # fmt: skip
    assert cycle(cluster, NOW + 430).ok
    assert trusts(cluster, pair(cluster, LEAF), NOW + 430)


def test_a_missing_entry_of_the_webhook_is_reported_and_the_other_keeps_its_trust() -> None:
    cluster = settled()
    cluster.drop_entry(1)
    cluster.set_bundle(0, b"")
    state = cycle(cluster, NOW + 400)
    assert not state.ok and "no entry probe.podtailor.io" in state.message
    assert trusts(cluster, pair(cluster, LEAF), NOW + 400)


FAULTS = [
    ("GET", CA, forbidden("get secrets"), "cannot get secrets"),
    ("PATCH", CA, forbidden("patch secrets"), "cannot patch secrets"),
    ("PATCH", LEAF, forbidden("patch secrets"), "cannot patch secrets"),
    ("GET", "podtailor", forbidden("get it"), "cannot get it"),
    ("PATCH", "podtailor", forbidden("patch it"), "cannot patch it"),
    ("PATCH", CA, Conflict(409, "Conflict", "modified"), "somebody else wrote first"),
]


@pytest.mark.parametrize(("method", "end", "error", "part"), FAULTS)
def test_a_failing_call_is_reported_and_the_next_cycle_repairs_it(
    method: str, end: str, error: KubeError, part: str
) -> None:
    cluster = Cluster()
    cluster.faults[(method, end)] = error
    state = cycle(cluster)
    assert not state.ok and part in state.message
    cluster.faults.clear()
    assert cycle(cluster, NOW + 30).ok
    assert trusts(cluster, pair(cluster, LEAF), NOW + 30)


def test_a_bad_name_or_an_unreadable_answer_is_reported() -> None:
    cluster = Cluster()
    state = Trust(cluster, replace(SETTINGS, addresses=("bücher",))).cycle(NOW)
    assert not state.ok and state.message
    cluster.make(SECRETS + CA, {"data": "none"}, CA, namespace="system")
    state = cycle(cluster)
    assert not state.ok and "data" in state.message


def test_a_ca_that_is_not_stored_is_never_put_into_a_bundle() -> None:
    cluster = Cluster()
    cluster.faults[("PATCH", CA)] = Conflict(409, "Conflict", "modified")
    cycle(cluster)
    assert (cluster.writes, cluster.bundles()) == ([], [b"", b""])


OTHERS = [
    ("nobody set it", [b"", b""], "no caBundle is set for pods.podtailor.io and probe"),
    ("one was forgotten", [b"CA", b""], "no caBundle is set for probe.podtailor.io"),
    ("both are there", [b"CA", b"CA"], ""),
    (
        "they differ",
        [b"CA", b"AC"],
        "pods.podtailor.io and probe.podtailor.io have different caBun",
    ),
]


@pytest.mark.parametrize("mode", [CertificateMode.CERT_MANAGER, CertificateMode.EXISTING_SECRET])
@pytest.mark.parametrize(("name", "bundles", "part"), OTHERS)
def test_with_certificates_of_others_nothing_is_written(
    mode: CertificateMode, name: str, bundles: list[bytes], part: str
) -> None:
    cluster = Cluster()
    for at, bundle in enumerate(bundles):
        cluster.set_bundle(at, bundle)
    state = Trust(cluster, replace(SETTINGS, mode=mode)).cycle(NOW)
    assert (state.ok, cluster.writes, cluster.reads) == (not part, [], 1), name
    assert state.message.startswith(part)


def test_with_certificates_of_others_a_configuration_may_be_unreadable_but_not_missing() -> None:
    cluster = Cluster()
    other = Trust(cluster, replace(SETTINGS, mode=CertificateMode.EXISTING_SECRET))
    cluster.faults[("GET", "podtailor")] = forbidden("get it")
    assert other.cycle(NOW) == TrustState(True)
    cluster.faults.clear()
    cluster.remove(CONFIGURATION)
    assert "is missing" in other.cycle(NOW).message


def test_no_key_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    cluster = Cluster()
    output = repr(cycle(cluster)) + "".join(str(vars(r)) for r in caplog.records)
    assert "Secret system/podtailor-tls written" in output
    assert "PRIVATE" not in output and "BEGIN" not in output
