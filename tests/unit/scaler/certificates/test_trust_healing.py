"""What people and accidents do to the Secrets and the trust is mended, and trust never breaks."""

from collections.abc import Callable

import pytest

from scaler.certificates.issuing import Pair, issue_ca, issue_leaf
from tests.unit.scaler.certificates.trusted import (
    CA,
    DAY,
    LEAF,
    NOW,
    SETTINGS,
    Cluster,
    cycle,
    pair,
    settled,
    trusts,
)


def foreign() -> tuple[Pair, Pair]:
    ca = issue_ca(NOW, DAY)
    return ca, issue_leaf(ca, SETTINGS.names, NOW, DAY)


def one_bundle_foreign(cluster: Cluster) -> None:
    cluster.set_bundle(1, foreign()[0].certificate)


def both_bundles_empty(cluster: Cluster) -> None:
    cluster.set_bundle(0, b"")
    cluster.set_bundle(1, b"")


def one_ca_too_many(cluster: Cluster) -> None:
    cluster.set_bundle(0, cluster.bundles()[0] + foreign()[0].certificate)


def leaf_emptied(cluster: Cluster) -> None:
    cluster.set_data(LEAF)


def leaf_of_others(cluster: Cluster) -> None:
    _, leaf = foreign()
    cluster.set_data(
        LEAF, tls_crt=leaf.certificate, tls_key=leaf.key, ca_crt=cluster.data(LEAF)["ca.crt"]
    )


def leaf_key_lost(cluster: Cluster) -> None:
    data = cluster.data(LEAF)
    cluster.set_data(LEAF, tls_crt=data["tls.crt"], ca_crt=data["ca.crt"])


def leaf_key_of_another(cluster: Cluster) -> None:
    data = cluster.data(LEAF)
    cluster.set_data(LEAF, tls_crt=data["tls.crt"], tls_key=foreign()[1].key, ca_crt=data["ca.crt"])


def leaf_cut(cluster: Cluster) -> None:
    data = cluster.data(LEAF)
    cluster.set_data(
        LEAF, tls_crt=data["tls.crt"][:99], tls_key=data["tls.key"], ca_crt=data["ca.crt"]
    )


def copy_of_trust_lost(cluster: Cluster) -> None:
    data = cluster.data(LEAF)
    cluster.set_data(LEAF, tls_crt=data["tls.crt"], tls_key=data["tls.key"])


def former_ca_is_rubbish(cluster: Cluster) -> None:
    data = cluster.data(CA)
    cluster.set_data(CA, tls_crt=data["tls.crt"], tls_key=data["tls.key"], previous_crt=b"?")


HEALED = [
    (one_bundle_foreign, ["podtailor"], False),
    (both_bundles_empty, ["podtailor"], False),
    (one_ca_too_many, ["podtailor"], False),
    (leaf_emptied, [LEAF], True),
    (leaf_of_others, [LEAF], True),
    (leaf_key_lost, [LEAF], True),
    (leaf_key_of_another, [LEAF], True),
    (leaf_cut, [LEAF], True),
    (copy_of_trust_lost, [LEAF], False),
    (former_ca_is_rubbish, [CA], False),
]


@pytest.mark.parametrize(("harm", "writes", "another"), HEALED)
def test_a_broken_secret_or_bundle_is_repaired_within_a_cycle(
    harm: Callable[[Cluster], None], writes: list[str], another: bool
) -> None:
    cluster = settled()
    leaf, bundles = pair(cluster, LEAF), cluster.bundles()
    harm(cluster)
    assert cycle(cluster, NOW + 400).ok
    assert cluster.writes == writes
    assert cluster.bundles() == bundles
    assert (pair(cluster, LEAF) != leaf) is another
    assert trusts(cluster, pair(cluster, LEAF), NOW + 400)
    assert cycle(cluster, NOW + 430).done == ()


def ca_emptied(cluster: Cluster) -> None:
    cluster.set_data(CA)


def ca_cut(cluster: Cluster) -> None:
    data = cluster.data(CA)
    cluster.set_data(CA, tls_crt=data["tls.crt"][:99], tls_key=data["tls.key"])


def ca_key_lost(cluster: Cluster) -> None:
    cluster.set_data(CA, tls_crt=cluster.data(CA)["tls.crt"])


def both_emptied(cluster: Cluster) -> None:
    cluster.set_data(CA)
    cluster.set_data(LEAF)


@pytest.mark.parametrize("harm", [ca_emptied, ca_cut, ca_key_lost, both_emptied])
def test_a_lost_ca_is_replaced_while_its_leaf_stays_trusted(
    harm: Callable[[Cluster], None],
) -> None:
    cluster = settled()
    old_ca, served = pair(cluster, CA), pair(cluster, LEAF)
    harm(cluster)
    for later in range(0, 180, 30):  # until kubelets have brought the new one
        assert cycle(cluster, NOW + 400 + later).ok
        assert trusts(cluster, served, NOW + 400 + later)
    cycle(cluster, NOW + 400 + 240)
    new_ca = pair(cluster, CA)
    assert new_ca.certificate != old_ca.certificate
    assert cluster.bundles() == [new_ca.certificate] * 2
    assert trusts(cluster, pair(cluster, LEAF), NOW + 700)
