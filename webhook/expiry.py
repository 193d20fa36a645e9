"""When a certificate expires, read from its DER bytes.

The standard library exposes this only for a verified peer, and `cryptography` would cost the
webhook megabytes for one date. X.509 fixes the path to it: Certificate, TBSCertificate, then
version (optional), serial number, signature, issuer, and the validity with its two times. Raises
ValueError for anything else.
"""

import ssl
from datetime import UTC, datetime

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_FORMATS = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}


def not_after(pem: str) -> float:
    """When the first certificate in the PEM text expires, in seconds since 1970."""
    _, certificate, _ = _part(ssl.PEM_cert_to_DER_cert(_first(pem)))
    _, signed, _ = _part(certificate)
    tag, _, rest = _part(signed)
    skipped = 4 if tag == _VERSION else 3
    for _ in range(skipped - 1):
        _, _, rest = _part(rest)
    _, validity, _ = _part(rest)
    _, _, rest = _part(validity)
    kind, end, _ = _part(rest)
    if kind not in _FORMATS:
        raise ValueError("not a time")
    read = datetime.strptime(end.decode("ascii"), _FORMATS[kind])
    return read.replace(tzinfo=UTC).timestamp()


def _first(pem: str) -> str:
    begin, end = pem.find(ssl.PEM_HEADER), pem.find(ssl.PEM_FOOTER)
    if begin < 0 or end < begin:
        raise ValueError("no certificate")
    return pem[begin : end + len(ssl.PEM_FOOTER)]


def _part(der: bytes) -> tuple[int, bytes, bytes]:
    """The first element's tag and content, and the bytes after it."""
    if len(der) < 2:
        raise ValueError("truncated")
    length, at = der[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(der[2:at], "big")
    if len(der) < at + length:
        raise ValueError("truncated")
    return der[0], der[at : at + length], der[at + length :]
