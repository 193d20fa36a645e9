"""The certificates of the node agents and of the port that they connect to.

Both are by an authority of their own, which signs nothing else: whoever has an agent's key can be
mistaken for an agent, and for nobody else. It is kept in two Secrets, as the webhook's
(rotation.py):

| where                | what                                           | who reads it    |
| -------------------- | ---------------------------------------------- | --------------- |
| Secret `…-agents-ca` | the authority and its key                      | the scaler      |
| Secret `…-agent-tls` | the agents' certificate and key, the authority | mounted by them |
| memory of the scaler | the port's certificate and key                 | nobody else     |

The port's certificate is made again at each start. While a new authority is on its way to the
nodes it stays by the former one, unless the scaler restarts just then: then agents are without a
scaler until their kubelet has brought the new one, a minute or two, and the minute's rule decides.
"""

import logging
from dataclasses import dataclass, replace

from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.certificates.issuing import Pair, facts_of, issue_leaf
from scaler.certificates.options import TrustSettings
from scaler.certificates.renewal import issuers, renewal_reason, without
from scaler.certificates.rotation import Held, Wanted, rotate
from scaler.certificates.secrets import Secret, read_secret, write_secret

logger = logging.getLogger(__name__)

_CERTIFICATE, _KEY, _FORMER, _TRUST = "tls.crt", "tls.key", "previous.crt", "ca.crt"


@dataclass(frozen=True, slots=True)
class Material:
    """What the port serves with, and which authorities it trusts; `repr` has no key."""

    server: Pair
    trusted: bytes


class AgentTrust:
    """`terms`: of the agents' certificate. `names`: those under which the scaler is called."""

    def __init__(self, gateway: Gateway, terms: TrustSettings, names: tuple[str, ...]) -> None:
        self._gateway = gateway
        self._terms = replace(terms, client=True)
        self._names = names
        self._server = Pair()

    def cycle(self, now: float) -> Material:
        """Read, write what differs, and what the port needs. `now` in seconds since 1970.

        Raises KubeError, or ValueError where a Secret is missing or malformed.
        """
        own = self._terms
        ca, leaf = self._secret(own.ca_secret), self._secret(own.leaf_secret)
        trusted = leaf.value(_TRUST)
        held = Held(_pair(ca), ca.value(_FORMER), _pair(leaf), trusted, [trusted])
        wanted = rotate(held, own, now)
        self._write(ca, wanted.ca, {_FORMER: wanted.kept}, wanted.ca_reason)
        self._write(leaf, wanted.leaf, {_TRUST: wanted.bundle}, wanted.leaf_reason)
        self._serve(wanted, now)
        return Material(self._server, wanted.bundle)

    def _secret(self, name: str) -> Secret:
        found = read_secret(self._gateway, self._terms.namespace, name)
        if found is None:
            message = f"the Secret {self._terms.namespace}/{name} is missing"
            raise ValueError(f"{message}: `helm upgrade` brings it back")
        return found

    def _write(
        self, secret: Secret, pair: Pair, more: dict[str, bytes], reason: str | None
    ) -> None:
        data = {_CERTIFICATE: pair.certificate, _KEY: pair.key, **more}
        if write_secret(self._gateway, secret, data):
            name = f"{secret.metadata.namespace}/{secret.metadata.name}"
            why = reason or "former CAs came or went"
            logger.info("agents' trust changed", extra={"what": f"Secret {name}", "why": why})

    def _serve(self, wanted: Wanted, now: float) -> None:
        why = renewal_reason(self._server, wanted.ca, self._names, now)
        if why is None or self._settling(wanted, now):
            return
        own = self._terms
        self._server = issue_leaf(wanted.ca, self._names, now, own.leaf_lifetime)

    def _settling(self, wanted: Wanted, now: float) -> bool:
        """Whether nodes may lack the newest authority, and the certificate is still good."""
        served, facts = facts_of(self._server.certificate), facts_of(wanted.ca.certificate)
        if served is None or facts is None or now >= served.ends:
            return False
        young = now < facts.made + 2 * self._terms.refresh
        former = without(issuers(self._server.certificate, wanted.bundle), wanted.ca.certificate)
        return young and bool(former)


def _pair(secret: Secret) -> Pair:
    return Pair(secret.value(_CERTIFICATE), secret.value(_KEY))


def problem(error: KubeError | ValueError) -> str:
    """What is wrong, for the log."""
    return error.message if isinstance(error, KubeError) else str(error)
