"""The agents' certificates: made, renewed, and never without a way for agents to come back."""

from dataclasses import replace

import pytest

from kube.errors import Forbidden
from scaler.certificates.agents import AgentTrust, Material, problem
from scaler.certificates.issuing import Pair, read, signs, split
from scaler.certificates.renewal import flaw
from tests.unit.scaler.certificates.trusted import CA, DAY, LEAF, NOW, SECRETS, SETTINGS, Cluster

NAMES = ("scaler", "scaler.system", "scaler.system.svc")
TERMS = replace(SETTINGS, service="agent", refresh=90.0)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def trust(cluster: Cluster) -> AgentTrust:
    return AgentTrust(cluster, TERMS, NAMES)


def client(cluster: Cluster) -> Pair:
    """What agents have mounted."""
    data = cluster.data(LEAF)
    return Pair(data["tls.crt"], data["tls.key"])


def good(cluster: Cluster, material: Material, now: float) -> bool:
    """Whether agents and scaler trust each other."""
    mounted = cluster.data(LEAF)["ca.crt"]
    return flaw(material.server, mounted, NAMES, now) is None and any(
        signs(ca, client(cluster).certificate) for ca in split(material.trusted)
    )


def test_at_first_both_are_made_and_trusted_at_once(cluster: Cluster) -> None:
    found = trust(cluster).cycle(NOW)
    assert good(cluster, found, NOW)
    assert read(found.server).names == {*NAMES}
    assert b"PRIVATE" not in b"".join(cluster.data(LEAF)[n] for n in ("tls.crt", "ca.crt"))
    assert cluster.data(CA)["tls.key"] != client(cluster).key, "its key stays with the scaler"
    assert "PRIVATE" not in repr(found)


def test_the_port_s_key_is_stored_nowhere(cluster: Cluster) -> None:
    found = trust(cluster).cycle(NOW)
    stored = [v for name in (CA, LEAF) for v in cluster.data(name).values()]
    assert found.server.key not in stored


def test_nothing_is_written_again(cluster: Cluster) -> None:
    one = trust(cluster)
    first = one.cycle(NOW)
    cluster.writes.clear()
    assert one.cycle(NOW + 3600) == first
    assert cluster.writes == []


@pytest.mark.parametrize("days", [61, 200])
def test_all_are_renewed_in_time(cluster: Cluster, days: int) -> None:
    one = trust(cluster)
    before = one.cycle(NOW)
    later = NOW + days * DAY
    found = one.cycle(later)
    assert found.server != before.server and good(cluster, found, later)
    assert read(client(cluster)).ends > later


def test_a_new_authority_is_brought_everywhere_before_the_port_uses_it(cluster: Cluster) -> None:
    one = trust(cluster)
    before = one.cycle(NOW)
    cluster.set_data(CA)
    found = one.cycle(NOW + 10)
    assert found.server == before.server, "agents have not got it yet"
    assert len(split(found.trusted)) == 2, "and their certificates are by the former one"
    later = NOW + 10 + 2 * TERMS.refresh
    for at in (NOW + 30, later, later + 1):
        found = one.cycle(at)
        assert good(cluster, found, at)
    assert found.server != before.server


def test_a_scaler_that_starts_meanwhile_serves_by_the_newest(cluster: Cluster) -> None:
    trust(cluster).cycle(NOW)
    cluster.set_data(CA)
    trust(cluster).cycle(NOW + 10)
    assert good(cluster, trust(cluster).cycle(NOW + 20), NOW + 20)


def test_agents_certificates_cannot_serve(cluster: Cluster) -> None:
    from cryptography import x509

    found = trust(cluster).cycle(NOW)
    for pair, purpose in ((client(cluster), "clientAuth"), (found.server, "serverAuth")):
        loaded = x509.load_pem_x509_certificate(pair.certificate)
        usage = loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        assert [p._name for p in usage] == [purpose]


def test_a_missing_secret_says_who_brings_it_back(cluster: Cluster) -> None:
    cluster.remove(SECRETS + LEAF)
    with pytest.raises(ValueError, match="is missing: `helm upgrade` brings it back") as caught:
        trust(cluster).cycle(NOW)
    assert problem(caught.value).startswith("the Secret system/")
    assert problem(Forbidden(403, "Forbidden", "no")) == "no"
