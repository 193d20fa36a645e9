"""What the two Secrets and the trust in the webhook's configuration should hold. Pure.

Trust first, then the leaf. A change of the CA takes several cycles, each decided from what is
stored alone, so that a restart at any point goes on where the last one stopped:

| the CA           | the leaf                        | trusted now | what follows                  |
| ---------------- | ------------------------------- | ----------- | ----------------------------- |
| unusable, or due | any                             | any         | a new CA, the former is kept  |
| usable           | any                             | other CAs   | trust in it and the kept ones |
| usable           | not by it, broken, or due       | not yet it  | the leaf stays as it is       |
| usable           | not by it, broken, or due       | it, SETTLE  | a new leaf                    |
| usable           | not by it, broken, or due       | nothing     | a new leaf at once            |
| usable           | by it, younger than the overlap | it          | nothing                       |
| usable           | by it, older than the overlap   | it          | the kept ones go              |

The overlap is what kubelets need to bring a new leaf to every webhook, twice. Where leaves live so
shortly that they would be renewed before, half a leaf's life is enough: a kubelet that needs
longer would not bring the next one in time either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scaler.certificates.issuing import Pair, facts_of, issue_ca, issue_leaf
from scaler.certificates.options import TrustSettings
from scaler.certificates.renewal import ca_reason, issuers, merge, renewal_reason, without

SETTLE = 10.0
"""Seconds after which every API server has seen a changed configuration."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored: `kept` are former CAs, `leaf_trust` the copy of the bundle beside the leaf.

    `trusted`: the bundle of each entry of the configuration; empty where there is none.
    """

    ca: Pair
    kept: bytes
    leaf: Pair
    leaf_trust: bytes
    trusted: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be stored; a reason is there where something was issued."""

    ca: Pair
    kept: bytes
    bundle: bytes
    leaf: Pair
    ca_reason: str | None
    leaf_reason: str | None


def rotate(held: Held, terms: TrustSettings, now: float) -> Wanted:
    """The next step; equal to what is held where nothing is to be done. `now`: since 1970."""
    new_ca = ca_reason(held.ca, now)
    ca = issue_ca(now, terms.ca_lifetime) if new_ca else held.ca
    kept = without(merge(_former(held), now), ca.certificate)
    new_leaf = renewal_reason(held.leaf, ca, terms.names, now)
    if new_leaf is None and now >= _brought_everywhere(held.leaf, terms):
        kept = b""
    bundle = merge((ca.certificate, kept), now)
    kept = without(bundle, ca.certificate)
    if new_leaf and not _may_change(held, ca, now):
        new_leaf = None
    leaf = issue_leaf(ca, terms.names, now, terms.leaf_lifetime) if new_leaf else held.leaf
    return Wanted(ca, kept, bundle, leaf, new_ca, new_leaf)


def _former(held: Held) -> list[bytes]:
    """Where former CAs may be found; the one that signed the serving leaf comes first.

    Where the Secret has lost its CA, what is trusted now goes on being trusted for the overlap:
    webhooks may serve a leaf that nothing here knows any more (another mode, Secrets made anew).
    """
    former = [held.ca.certificate, held.kept]
    if facts_of(held.ca.certificate) is None:
        former += [held.leaf_trust, *held.trusted]
    return [issuers(held.leaf.certificate, b"".join(former)), *former]


def _brought_everywhere(leaf: Pair, terms: TrustSettings) -> float:
    facts = facts_of(leaf.certificate)
    if facts is None:
        return float("inf")
    return facts.made + min(2 * terms.refresh, (facts.ends - facts.made) / 2)


def _may_change(held: Held, ca: Pair, now: float) -> bool:
    """Whether a leaf of this CA would be trusted everywhere, or nobody trusts anything yet.

    That the stored leaf is broken is no reason for haste: webhooks go on serving the last good one.
    """
    facts = facts_of(ca.certificate)
    seen = all(not without(ca.certificate, bundle) for bundle in held.trusted)
    settled = seen and facts is not None and now >= facts.made + SETTLE
    return settled or not any(held.trusted)
