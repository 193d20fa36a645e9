"""What is wrong with a stored certificate, and what a bundle of CAs holds. Pure.

| the stored pair                                       | renewed because                       |
| ----------------------------------------------------- | ------------------------------------- |
| certificate or key absent or empty                    | there is none                         |
| not exactly one certificate and one EC key in PEM     | it cannot be read                     |
| key and certificate of different pairs                | the key does not fit the certificate  |
| CA: no CA certificate                                 | it is not a CA                        |
| leaf: not signed by the CA                            | it is signed by another CA            |
| leaf: other names than the Service has                | it has other names                    |
| our clock is before its beginning                     | it is not valid yet                   |
| its end has come                                      | it has ended                          |
| two thirds of its life are over                       | two thirds of its life are over       |
"""

from collections.abc import Iterable, Sequence

from scaler.certificates.issuing import Facts, Pair, canonical, facts_of, read, signs, split

MOST = 5  # CAs in a bundle


def ca_reason(ca: Pair, now: float) -> str | None:
    """Why a new CA is needed, or None; `now` in seconds since 1970."""
    try:
        facts = read(ca)
    except ValueError as e:
        return str(e)
    if not facts.is_ca:
        return "it is not a CA"
    return _not_now(facts, now) or _due(facts, now)


def renewal_reason(leaf: Pair, ca: Pair, names: Sequence[str], now: float) -> str | None:
    """Why a new leaf is needed, or None."""
    return flaw(leaf, ca.certificate, names, now) or _due(read(leaf), now)


def flaw(leaf: Pair, bundle: bytes, names: Sequence[str], now: float) -> str | None:
    """Why the leaf cannot serve those who trust the bundle, or None."""
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
    """Those CAs of the bundle that signed the leaf; empty where none did."""
    return b"".join(ca for ca in split(bundle) if signs(ca, leaf))


def merge(parts: Iterable[bytes], now: float) -> bytes:
    """One bundle: CAs that have not ended, each once, in the order given, MOST at most.

    One that is not valid yet stays: our own clock may be the wrong one.
    """
    known = dict.fromkeys(ca for part in parts for ca in split(part))
    return b"".join([ca for ca in known if _lasts(facts_of(ca), now)][:MOST])


def without(bundle: bytes, other: bytes) -> bytes:
    """The certificates of the bundle that `other` does not hold."""
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
