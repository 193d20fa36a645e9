"""Issues and reads certificates as bytes. Pure; the only importer of `cryptography`.

All keys are ECDSA P-256. Validity begins five minutes before the issue, for clocks that are behind;
ages count from the issue. The server's names are in the SAN only: a common name is limited to 64
bytes. renewal.py decides whether a certificate is still good.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BACKDATED = 300.0  # seconds that a certificate is valid before its issue
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_BROKEN = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM; empty: absent. `repr` omits the key."""

    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """The contents of one certificate that matter here; times in seconds since 1970."""

    begins: float
    ends: float
    is_ca: bool
    names: frozenset[str]

    @property
    def made(self) -> float:
        """When it was issued, if podtailor issued it."""
        return self.begins + BACKDATED

    @property
    def due(self) -> float:
        """When two thirds of its lifetime are over."""
        return self.made + (self.ends - self.made) * 2 / 3


def issue_ca(now: float, lifetime: float) -> Pair:
    """A new CA; `lifetime` in seconds. Each has its own name: a bundle may hold several."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    name = _name(f"podtailor CA {serial % 16**8:08x}")
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial)
    builder = builder.add_extension(x509.BasicConstraints(True, 0), critical=True)
    builder = builder.add_extension(_usage(ca=True), critical=True)
    return _signed(_dated(builder, now, now + lifetime), key, key)


def issue_leaf(
    ca: Pair, names: Sequence[str], now: float, lifetime: float, *, client: bool = False
) -> Pair:
    """A certificate for DNS names and addresses; it never outlives its CA.

    It can be used to serve, or by a `client` to say who it is, never for both.

    Raises ValueError if `ca` is not a pair.
    """
    ends = min(now + lifetime, read(ca).ends)
    authority = x509.load_pem_x509_certificate(ca.certificate)
    key, serial = ec.generate_private_key(ec.SECP256R1()), x509.random_serial_number()
    purpose = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
    subject = _name("podtailor client" if client else "podtailor server")
    builder = x509.CertificateBuilder(authority.subject, subject, key.public_key(), serial)
    sans = x509.SubjectAlternativeName([_general(name) for name in names])
    builder = (
        builder.add_extension(sans, critical=False)
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    return _signed(_dated(builder, now, ends), key, _key(ca.key))


def read(pair: Pair) -> Facts:
    """The certificate's facts. Raises ValueError with the reason if the two are not a pair."""
    if not pair.certificate or not pair.key:
        raise ValueError("there is none")
    try:
        certificate, key = x509.load_pem_x509_certificate(pair.certificate), _key(pair.key)
        found = _facts(certificate)
        fits = certificate.public_key() == key.public_key()
    except _BROKEN:
        raise ValueError("it cannot be read") from None
    if pair.certificate != _pem(certificate):
        # A server would also load what follows a good first block.
        raise ValueError("it cannot be read")
    if not fits:
        raise ValueError("the key does not fit the certificate")
    return found


def facts_of(pem: bytes) -> Facts | None:
    """The facts of the first certificate; None if there is none."""
    try:
        return _facts(x509.load_pem_x509_certificate(pem))
    except _BROKEN:
        return None


def split(pem: bytes) -> list[bytes]:
    """Each certificate in the text, in canonical PEM; anything else is left out."""
    found = []
    for block in _BLOCK.findall(pem):
        try:
            found.append(_pem(x509.load_pem_x509_certificate(block)))
        except _BROKEN:
            continue
    return found


def signs(ca: bytes, leaf: bytes) -> bool:
    """Whether the CA signed the certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(leaf)
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(ca))
    except _BROKEN:
        return False
    return True


def canonical(name: str) -> str:
    """A DNS name or an address in the form of `Facts.names`."""
    return str(_general(name).value).lower()


def _facts(certificate: x509.Certificate) -> Facts:
    ca, names = False, frozenset[str]()
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.BasicConstraints):
            ca = extension.value.ca
        elif isinstance(extension.value, x509.SubjectAlternativeName):
            names = frozenset(str(name.value).lower() for name in extension.value)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Facts(begins.timestamp(), ends.timestamp(), ca, names)


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not an EC key")
    return key


def _dated(builder: x509.CertificateBuilder, now: float, ends: float) -> x509.CertificateBuilder:
    begin = datetime.fromtimestamp(int(now - BACKDATED), UTC)
    return builder.not_valid_before(begin).not_valid_after(datetime.fromtimestamp(int(ends), UTC))


def _signed(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
) -> Pair:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    builder = builder.add_extension(own, critical=False).add_extension(issuer, critical=False)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Pair(_pem(builder.sign(by, hashes.SHA256())), text)


def _usage(*, ca: bool) -> x509.KeyUsage:
    # digital_signature, four that do not apply, key_cert_sign, crl_sign, two more
    return x509.KeyUsage(True, False, False, False, False, ca, ca, False, False)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _general(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
