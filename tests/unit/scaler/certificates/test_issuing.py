"""What is issued, what is wrong with what is stored, and what bundles hold."""

import ipaddress
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from scaler.certificates.issuing import (
    BACKDATED,
    Pair,
    facts_of,
    issue_ca,
    issue_leaf,
    read,
    signs,
    split,
)
from scaler.certificates.renewal import MOST, issuers, merge, renewal_reason, without

NOW = 1_800_000_000.0
DAY = 86400.0
NAMES = ("webhook", "webhook.shop", "webhook.shop.svc")
CA = issue_ca(NOW, 3650 * DAY)
OTHER = issue_ca(NOW, 3650 * DAY)
LEAF = issue_leaf(CA, NAMES, NOW, 90 * DAY)
LEAF2 = issue_leaf(CA, NAMES, NOW, 90 * DAY)
GARBAGE = b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n"


def test_a_leaf_never_outlives_its_ca() -> None:
    ca = issue_ca(NOW, 100.0)
    assert read(issue_leaf(ca, NAMES, NOW + 60, 90 * DAY)).ends == NOW + 100


def test_no_leaf_is_issued_without_a_ca() -> None:
    with pytest.raises(ValueError, match="there is none"):
        issue_leaf(Pair(), NAMES, NOW, DAY)


def test_issued_certificates_are_what_servers_and_clients_expect() -> None:
    for pair in (CA, LEAF):
        found = x509.load_pem_x509_certificate(pair.certificate)
        assert isinstance(found.public_key(), ec.EllipticCurvePublicKey)
        common = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        assert len(common) < 64
        assert found.not_valid_before_utc.timestamp() == NOW - BACKDATED
    usage = x509.load_pem_x509_certificate(LEAF.certificate).extensions
    assert not usage.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    of_ca = x509.load_pem_x509_certificate(CA.certificate).extensions
    assert of_ca.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_a_leaf_can_have_long_names_and_addresses() -> None:
    names = (f"{'a' * 63}.{'b' * 63}.svc", "10.96.0.7", "fd00::7")
    leaf = issue_leaf(CA, names, NOW, DAY)
    assert renewal_reason(leaf, CA, names, NOW) is None
    found = x509.load_pem_x509_certificate(leaf.certificate).extensions
    sans = found.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = sans.get_values_for_type(x509.IPAddress)
    assert addresses == [ipaddress.ip_address(name) for name in names[1:]]


def test_a_private_key_is_in_no_text_of_its_pair() -> None:
    assert b"PRIVATE" in LEAF.key
    assert "PRIVATE" not in repr(LEAF) + str(LEAF) + f"{LEAF!r}"


OLD = issue_ca(NOW - 100, 50)
LATER = issue_ca(NOW + 9000, DAY)
MANY = [issue_ca(NOW, DAY) for _ in range(MOST + 2)]
BUNDLES = [
    ("nothing", [], []),
    ("one", [CA], [CA]),
    ("two in the order given", [OTHER, CA], [OTHER, CA]),
    ("each once", [CA, OTHER, CA], [CA, OTHER]),
    ("without what has ended", [OLD, CA], [CA]),
    ("with what is not valid yet", [CA, LATER], [CA, LATER]),
    ("without what is no CA", [LEAF, CA], [CA]),
    ("few", MANY, MANY[:MOST]),
]


@pytest.mark.parametrize(("name", "parts", "expected"), BUNDLES)
def test_a_bundle_holds_each_valid_authority_once(
    name: str, parts: list[Pair], expected: list[Pair]
) -> None:
    got = merge([p.certificate for p in parts], NOW)
    assert got == b"".join(p.certificate for p in expected), name
    assert len(split(got)) <= MOST
    assert merge([got], NOW) == got


def test_rubbish_around_certificates_is_left_out() -> None:
    text = b"# mine\r\n" + CA.certificate.replace(b"\n", b"\r\n") + GARBAGE + b"\xff" + LEAF.key
    assert merge([text], NOW) == CA.certificate


def test_the_authority_that_signed_a_leaf_is_found_in_a_bundle() -> None:
    both = OTHER.certificate + CA.certificate
    assert issuers(LEAF.certificate, both) == CA.certificate
    assert issuers(b"", both) == b""
    assert without(both, CA.certificate) == OTHER.certificate
    assert without(both, b"") == both
    assert not signs(b"", LEAF.certificate)
    assert facts_of(b"") is None


def shake(leaf: Pair, bundle: bytes, name: str, folder: Path) -> None:
    """A TLS handshake in memory; raises SSLError where the client does not trust the server."""
    (folder / "crt").write_bytes(leaf.certificate)
    (folder / "key").write_bytes(leaf.key)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "crt", folder / "key")
    calling = ssl.create_default_context(cadata=bundle.decode())
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = calling.wrap_bio(down, up, server_hostname=name)
    server = serving.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.getpeercert()


@pytest.mark.parametrize("name", [*NAMES, "127.0.0.1", "::1"])
def test_a_client_with_both_cas_trusts_a_leaf_of_either(name: str, tmp_path: Path) -> None:
    now = time.time()
    old, new = issue_ca(now, DAY), issue_ca(now, DAY)
    names = (*NAMES, "127.0.0.1", "::1")
    bundle = merge([new.certificate, old.certificate], now)
    for ca in (old, new):
        shake(issue_leaf(ca, names, now, DAY), bundle, name, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(issue_leaf(old, names, now, DAY), new.certificate, name, tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(issue_leaf(new, ["another"], now, DAY), bundle, name, tmp_path)
