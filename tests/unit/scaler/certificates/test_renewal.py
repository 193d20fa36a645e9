"""What is wrong with a stored certificate, and what a bundle holds: the table of renewal.py."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from scaler.certificates.issuing import BACKDATED, Pair, issue_ca, issue_leaf
from scaler.certificates.renewal import ca_reason, renewal_reason

NOW = 1_800_000_000.0
DAY = 86400.0
NAMES = ("webhook", "webhook.shop", "webhook.shop.svc")
CA = issue_ca(NOW, 3650 * DAY)
OTHER = issue_ca(NOW, 3650 * DAY)
LEAF = issue_leaf(CA, NAMES, NOW, 90 * DAY)
LEAF2 = issue_leaf(CA, NAMES, NOW, 90 * DAY)
GARBAGE = b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n"


def key_of(made: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    pkcs8 = serialization.PrivateFormat.PKCS8
    return made.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption())


BROKEN = [
    ("empty", Pair(), "there is none"),
    ("no key", replace(LEAF, key=b""), "there is none"),
    ("no certificate", replace(LEAF, certificate=b""), "there is none"),
    ("no PEM", replace(LEAF, certificate=b"hello"), "cannot be read"),
    ("PEM of nothing", replace(LEAF, certificate=GARBAGE), "be read"),
    ("cut", replace(LEAF, certificate=LEAF.certificate[:-40]), "cannot be read"),
    ("no UTF-8", Pair(b"\xff\xfe", b"\xff\xfe"), "cannot be read"),
    ("followed by rubbish", replace(LEAF, certificate=LEAF.certificate + GARBAGE), "be read"),
    ("key cut", replace(LEAF, key=LEAF.key[:60]), "cannot be read"),
    ("an RSA key", replace(LEAF, key=key_of(rsa.generate_private_key(65537, 2048))), "be read"),
    ("an Ed25519 key", replace(LEAF, key=key_of(ed25519.Ed25519PrivateKey.generate())), "be read"),
    ("the two swapped", Pair(LEAF.key, LEAF.certificate), "cannot be read"),
    ("another pair's key", replace(LEAF, key=LEAF2.key), "does not fit"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "pair", "part"), BROKEN)
def test_a_pair_that_cannot_be_used_is_renewed_with_the_reason(
    name: str, pair: Pair, part: str
) -> None:
    for told in (ca_reason(pair, NOW), renewal_reason(pair, CA, NAMES, NOW)):
        assert told is not None and part in told, name


AGES = [
    ("as it is issued", 0.0, None),
    ("our clock stepped back a little", -BACKDATED, None),
    ("our clock stepped back more", -BACKDATED - 1, "not valid yet"),
    ("just before two thirds", 60 * DAY - 1, None),
    ("two thirds", 60 * DAY, "two thirds"),
    ("just before its end", 90 * DAY - 1, "two thirds"),
    ("its end", 90 * DAY, "ended"),
]


@pytest.mark.parametrize(("name", "age", "part"), AGES)
def test_the_age_of_a_certificate_decides_on_its_renewal(
    name: str, age: float, part: str | None
) -> None:
    ca = issue_ca(NOW, 90 * DAY)
    told = [ca_reason(ca, NOW + age), renewal_reason(LEAF, CA, NAMES, NOW + age)]
    assert all((t is None) if part is None else (t is not None and part in t) for t in told), told


@pytest.mark.parametrize("minutes", [1, 2, 6])
def test_a_certificate_that_lives_for_minutes_is_renewed_at_two_thirds_too(minutes: int) -> None:
    leaf = issue_leaf(CA, NAMES, NOW + 0.9, minutes * 60.0)
    assert renewal_reason(leaf, CA, NAMES, NOW + 0.9) is None
    assert renewal_reason(leaf, CA, NAMES, NOW + minutes * 40 - 2) is None
    assert renewal_reason(leaf, CA, NAMES, NOW + minutes * 40 + 1) is not None


WRONG = [
    ("another CA", LEAF, OTHER, NAMES, "another CA"),
    ("no CA", LEAF, Pair(), NAMES, "another CA"),
    ("a name more", LEAF, CA, (*NAMES, "more"), "other names"),
    ("a name less", LEAF, CA, NAMES[:2], "other names"),
    ("an address more", LEAF, CA, (*NAMES, "10.0.0.1"), "other names"),
    ("any order", LEAF, CA, NAMES[::-1], None),
    ("upper case", LEAF, CA, [n.upper() for n in NAMES], None),
    ("the CA itself", CA, CA, NAMES, "other names"),
]


@pytest.mark.parametrize(("name", "leaf", "ca", "names", "part"), WRONG)
def test_a_leaf_must_be_signed_by_the_ca_and_have_the_names(
    name: str, leaf: Pair, ca: Pair, names: list[str], part: str | None
) -> None:
    told = renewal_reason(leaf, ca, names, NOW)
    assert (told is None) if part is None else (told is not None and part in told), name


def test_a_leaf_is_no_ca() -> None:
    assert ca_reason(LEAF, NOW) == "it is not a CA"
