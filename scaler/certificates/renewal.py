"""When a stored certificate must be renewed, and the contents of a CA bundle. Pure.

| the stored pair                                       | reason for renewal                    |
| ----------------------------------------------------- | ------------------------------------- |
| certificate or key absent or empty                    | there is none                         |
| not exactly one certificate and one EC key in PEM     | it cannot be read                     |
| key and certificate of different pairs                | the key does not fit the certificate  |
| CA: not a CA certificate                              | it is not a CA                        |
| leaf: not signed by the CA                            | it is signed by another CA            |
| leaf: names other than the webhook's                  | it has other names                    |
| its validity has not begun by our clock               | it is not valid yet                   |
| it has expired                                        | it has ended                          |
| two thirds of its lifetime are over                   | two thirds of its life are over       |
"""

from collections.abc import Iterable, Sequence

from scaler.certificates.issuing import Facts, Pair, canonical, facts_of, read, signs, split

MOST = 5  # CAs in a bundle


def ca_reason(ca: Pair, now: float) -> str | None:
    """Why a new CA is needed; None: it is not. `now` in seconds since 1970."""
    try:
        facts = read(ca)
    except ValueError as e:
        return str(e)
    if not facts.is_ca:
        return "it is not a CA"
    return _not_now(facts, now) or _due(facts, now)


def renewal_reason(leaf: Pair, ca: Pair, names: Sequence[str], now: float) -> str | None:
    """Why a new leaf is needed; None: it is not."""
    return flaw(leaf, ca.certificate, names, now) or _due(read(leaf), now)


def flaw(leaf: Pair, bundle: bytes, names: Sequence[str], now: float) -> str | None:
    """Why clients that trust the bundle would reject the leaf; None: they accept it."""
    try:
        facts = read(leaf)
    except ValueError as e:
        return str(e)
    if not issuers(leaf.certificate, bundle):
        return "it is signed by another CA"
    if facts.names != {canonical(name) for name in names}:
        return "it has other names"
    return _not_now(facts, now)


def issuers(leaf: bytes, bundle: bytes) -> bytes:
    """The CAs of the bundle that signed the leaf; empty if none did."""
    return b"".join(ca for ca in split(bundle) if signs(ca, leaf))


def merge(parts: Iterable[bytes], now: float) -> bytes:
    """One bundle: CAs that have not expired, without duplicates, in the order given, MOST at most.

    A CA that is not valid yet is kept: our own clock may be wrong.
    """
    known = dict.fromkeys(ca for part in parts for ca in split(part))
    return b"".join([ca for ca in known if _lasts(facts_of(ca), now)][:MOST])


def without(bundle: bytes, other: bytes) -> bytes:
    """The certificates of the bundle that are not in `other`."""
    left_out = split(other)
    return b"".join(ca for ca in split(bundle) if ca not in left_out)


def _lasts(facts: Facts | None, now: float) -> bool:
    return facts is not None and facts.is_ca and now < facts.ends


def _not_now(facts: Facts, now: float) -> str | None:
    if now < facts.begins:
        return "it is not valid yet"
    return "it has ended" if now >= facts.ends else None


def _due(facts: Facts, now: float) -> str | None:
    return "two thirds of its life are over" if now >= facts.due else None
