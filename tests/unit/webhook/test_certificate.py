"""The serving pair: swapped, half written, gone; and when it ends."""

import contextlib
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.webhook import certs
from webhook.certificate import Certificate
from webhook.expiry import not_after


def test_the_same_files_are_not_read_again(certificate: Certificate) -> None:
    assert certificate.context() is certificate.context()


def test_a_new_pair_makes_a_new_context(certificate: Certificate, tmp_path: Path) -> None:
    before, ends = certificate.context(), certificate.not_after
    certs.write(tmp_path, certs.pair(days=20))
    assert certificate.context() is not before
    assert certificate.not_after is not None and ends is not None
    assert round(certificate.not_after - ends, -2) == 864_000


def test_a_pair_swapped_by_symlink_is_seen(tmp_path: Path) -> None:
    """As the kubelet does it for a mounted Secret."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        certs.write(tmp_path / name, certs.pair(name))
    data = tmp_path / "..data"
    data.symlink_to("one")
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    certificate = Certificate(tmp_path)
    before = certificate.context()
    (tmp_path / "..new").symlink_to("two")
    (tmp_path / "..new").rename(data)
    assert certificate.context() is not before


@pytest.mark.parametrize("broken", ["certificate first", "key first", "empty", "cut", "gone"])
def test_half_a_pair_never_replaces_a_complete_one(
    certificate: Certificate, tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, ends = certificate.context(), certificate.not_after
    new = certs.pair(days=20)
    if broken == "certificate first":
        certificate.certificate.write_bytes(new[0])
    elif broken == "key first":
        certificate.key.write_bytes(new[1])
    elif broken == "empty":
        certificate.certificate.write_bytes(b"")
    elif broken == "cut":
        certificate.key.write_bytes(new[1][:60])
    else:
        certificate.key.unlink()
    assert certificate.context() is before
    assert certificate.context() is before
    assert certificate.not_after == ends
    assert 1 <= caplog.text.count("certificate kept") <= 2
    certs.write(tmp_path, new)
    assert certificate.context() is not before


def test_a_key_that_asks_for_a_password_is_refused_and_not_asked_for(tmp_path: Path) -> None:
    crt, _ = certs.pair()
    certs.write(tmp_path, (crt, LOCKED))
    with pytest.raises(OSError):
        Certificate(tmp_path).context()


LOCKED = b"""-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,00000000000000000000000000000000

AAAA
-----END EC PRIVATE KEY-----
"""


def test_without_a_pair_there_is_no_tls_context(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path)
    with pytest.raises(OSError):
        certificate.context()
    assert not certificate.loaded


def test_nothing_older_than_tls_1_2_is_spoken(certificate: Certificate) -> None:
    assert certificate.context().minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("days", [1, 400, 365 * 40])
def test_the_end_of_a_certificate_is_read(days: int) -> None:
    pem, _ = certs.pair(days=days)
    told = datetime.fromtimestamp(not_after(pem.decode()), UTC)
    assert told == x509.load_pem_x509_certificate(pem).not_valid_after_utc


def test_the_first_certificate_of_a_chain_counts() -> None:
    first, second = certs.pair(days=3)[0].decode(), certs.pair(days=9)[0].decode()
    assert not_after("# leaf\n" + first + second) == not_after(first)


@given(st.data())
def test_bytes_that_are_no_certificate_are_refused(data: st.DataObject) -> None:
    der = ssl.PEM_cert_to_DER_cert(PEM)
    at = data.draw(st.integers(0, 140))
    bad = der[:at] + data.draw(st.binary(max_size=20)) + der[at + 20 :]
    with contextlib.suppress(ValueError):
        not_after(ssl.DER_cert_to_PEM_cert(bad))


PEM = certs.pair()[0].decode()
