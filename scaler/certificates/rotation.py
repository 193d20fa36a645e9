"""What the two Secrets and the caBundle in the webhook's configuration should contain. Pure.

Trust is changed first, then the leaf. A change of the CA takes several cycles. Each is decided from
the stored objects alone, so a restart at any point continues there:

| the CA           | the leaf                        | caBundle     | next step                    |
| ---------------- | ------------------------------- | ------------ | ---------------------------- |
| unusable, or due | any                             | any          | a new CA, the former is kept |
| usable           | any                             | other CAs    | trust it and the kept CAs    |
| usable           | of another CA, broken, or due   | not yet it   | the leaf is left as it is    |
| usable           | of another CA, broken, or due   | it, for      | a new leaf                   |
|                  |                                 | SETTLE       |                              |
| usable           | of another CA, broken, or due   | empty        | a new leaf at once           |
| usable           | its own, younger than the       | it           | nothing                      |
|                  | overlap                         |              |                              |
| usable           | its own, older than the overlap | it           | the kept CAs are removed     |

The overlap is twice the time that kubelets need to update the leaf in every webhook pod, but at
most half of the leaf's lifetime, so that it ends before the next renewal.
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
    """What is stored. `kept`: former CAs. `leaf_trust`: the copy of the bundle beside the leaf.

    `trusted`: the caBundle of each entry of the configuration; empty if it has none.
    """

    ca: Pair
    kept: bytes
    leaf: Pair
    leaf_trust: bytes
    trusted: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be stored; the reasons are set if a CA or a leaf was issued."""

    ca: Pair
    kept: bytes
    bundle: bytes
    leaf: Pair
    ca_reason: str | None
    leaf_reason: str | None


def rotate(held: Held, terms: TrustSettings, now: float) -> Wanted:
    """The next step; the same as `held` if there is nothing to do. `now`: seconds since 1970."""
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
    leaf = held.leaf
    if new_leaf:
        leaf = issue_leaf(ca, terms.names, now, terms.leaf_lifetime, client=terms.client)
    return Wanted(ca, kept, bundle, leaf, new_ca, new_leaf)


def _former(held: Held) -> list[bytes]:
    """Former CAs, the one that signed the present leaf first.

    If the Secret has no usable CA, the present caBundle stays trusted for the overlap: webhooks may
    serve a leaf that is stored nowhere any more (another mode before, or Secrets created again).
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
    """Whether a leaf of this CA would be trusted by all API servers, or no CA is trusted yet.

    A broken leaf in the Secret is no reason to hurry: webhooks keep serving the last good one.
    """
    facts = facts_of(ca.certificate)
    seen = all(not without(ca.certificate, bundle) for bundle in held.trusted)
    settled = seen and facts is not None and now >= facts.made + SETTLE
    return settled or not any(held.trusted)
