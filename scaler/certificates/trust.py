"""Keeps the API server's trust in the webhook: two Secrets and the configuration's caBundle.

Each cycle reads the three objects and writes what differs; an idle cycle costs three GETs.
rotation.py decides what they should contain. The order of the writes makes it safe: a CA is stored
before it is trusted, and trusted before a leaf of it is served. Nothing is created: the chart
creates the Secrets, empty. Keys are never logged.

| what is found                              | state                                              |
| ------------------------------------------ | -------------------------------------------------- |
| a Secret is missing                        | not ok, nothing is written                         |
| the configuration or an entry is missing   | not ok; the other objects are kept up to date      |
| another writer was first (409)             | not ok; the next cycle reads again                 |
| permission denied, or no answer            | not ok, with the API server's message              |
| the entries have different webhooks or     | not ok: a probe would prove nothing for pods       |
| caBundles                                  |                                                    |
| mode is not self-managed                   | nothing is written; ok if each entry has a         |
|                                            | caBundle                                           |
| mode is not self-managed, and no           | ok: nothing is known                               |
| permission to read the configuration       |                                                    |
"""

import logging
from dataclasses import dataclass, field

from msgspec import structs

from kube.errors import Conflict, Forbidden, KubeError
from kube.gateway import Gateway
from scaler.certificates.issuing import Pair, facts_of
from scaler.certificates.options import CertificateMode, TrustSettings
from scaler.certificates.rotation import Held, rotate
from scaler.certificates.secrets import (
    Secret,
    read_configuration,
    read_secret,
    write_bundle,
    write_secret,
)
from scaler.certificates.webhook_configuration import Client, Configuration, Entry, unlike

logger = logging.getLogger(__name__)

_UPGRADE = "`helm upgrade` brings it back"
_CERTIFICATE, _KEY, _FORMER, _TRUST = "tls.crt", "tls.key", "previous.crt", "ca.crt"


@dataclass(frozen=True, slots=True)
class TrustState:
    """Whether the API server can trust the webhook, according to the stored objects.

    `message`: what is wrong. `expires`: when the leaf expires, in seconds since 1970; None: not
    known. `done`: what this cycle wrote, and why.
    """

    ok: bool
    message: str = ""
    expires: float | None = None
    done: tuple[str, ...] = ()
    found: Configuration | None = field(default=None, repr=False, compare=False)
    """The webhook's configuration as it was read; None: it was not read."""
    entrusted: bool = field(default=False, compare=False)
    """Whether the trust in the webhook was not as it should be, and was written."""


class Trust:
    """The trust of one release. Only the scaler that holds the Lease may run cycles."""

    def __init__(self, gateway: Gateway, settings: TrustSettings) -> None:
        self._gateway = gateway
        self._settings = settings

    def cycle(self, now: float) -> TrustState:
        """Read, and write what differs; `now` in seconds since 1970. Never raises a KubeError."""
        done: list[str] = []
        try:
            if self._settings.mode is CertificateMode.SELF_MANAGED:
                return self._keep(now, done)
            return self._look()
        except (KubeError, ValueError) as e:  # ValueError: a malformed answer or name
            logger.warning("trust not kept", extra={"error": str(e)})
            return TrustState(False, _message(e), done=tuple(done))

    def _keep(self, now: float, done: list[str]) -> TrustState:
        own = self._settings
        ca = read_secret(self._gateway, own.namespace, own.ca_secret)
        leaf = read_secret(self._gateway, own.namespace, own.leaf_secret)
        if ca is None or leaf is None:
            name = own.ca_secret if ca is None else own.leaf_secret
            return TrustState(False, f"the Secret {own.namespace}/{name} is missing: {_UPGRADE}")
        configuration = read_configuration(self._gateway, own.configuration)
        trusted = configuration.bundles(own.entries) if configuration else {}
        held = Held(
            _pair(ca), ca.value(_FORMER), _pair(leaf), leaf.value(_TRUST), list(trusted.values())
        )
        wanted = rotate(held, own, now)
        self._write(ca, wanted.ca, {_FORMER: wanted.kept}, wanted.ca_reason, done)
        before = len(done)
        problem = self._entrust(configuration, wanted.bundle, done)
        entrusted = len(done) > before
        self._write(leaf, wanted.leaf, {_TRUST: wanted.bundle}, wanted.leaf_reason, done)
        facts = facts_of(wanted.leaf.certificate)
        ends = facts.ends if facts else None
        return TrustState(not problem, problem, ends, tuple(done), configuration, entrusted)

    def _write(
        self,
        secret: Secret,
        pair: Pair,
        more: dict[str, bytes],
        reason: str | None,
        done: list[str],
    ) -> None:
        data = {_CERTIFICATE: pair.certificate, _KEY: pair.key, **more}
        if write_secret(self._gateway, secret, data):
            name = f"{secret.metadata.namespace}/{secret.metadata.name}"
            _record(done, f"Secret {name} written", reason or "former CAs came or went")

    def _entrust(self, found: Configuration | None, bundle: bytes, done: list[str]) -> str:
        """Write the caBundle; what is wrong, or "". Never raises: the leaf is written after it."""
        own = self._settings
        if found is None:
            return _no_configuration(own.configuration)
        try:
            if write_bundle(self._gateway, found, own.entries, bundle):
                _record(done, f"trust in {own.configuration} written", "it differed")
        except KubeError as e:
            logger.warning("trust not written", extra={"error": str(e)})
            return _message(e)
        return _absent(own, found) or _different_webhooks(own, found)

    def _look(self) -> TrustState:
        own = self._settings
        try:
            found = read_configuration(self._gateway, own.configuration)
        except Forbidden:
            return TrustState(True)
        if found is None:
            return TrustState(False, _no_configuration(own.configuration))
        trusted = found.bundles(own.entries)
        empty = [name for name, bundle in trusted.items() if not bundle]
        problem = _absent(own, found) or unlike(found.entries(own.entries))
        if empty:
            problem = f"no caBundle is set for {' and '.join(empty)} in {own.configuration}"
        return TrustState(not problem, problem, found=found)


def _pair(secret: Secret) -> Pair:
    return Pair(secret.value(_CERTIFICATE), secret.value(_KEY))


def _record(done: list[str], what: str, why: str) -> None:
    logger.info("trust changed", extra={"what": what, "why": why})
    done.append(f"{what}: {why}")


def _message(error: Exception) -> str:
    if isinstance(error, Conflict):
        return f"somebody else wrote first, the next cycle tries again: {error.message}"
    return str(error)


def _no_configuration(name: str) -> str:
    return f"the MutatingWebhookConfiguration {name} is missing: {_UPGRADE}"


def _absent(own: TrustSettings, found: Configuration) -> str:
    present = {e.name for e in found.entries(own.entries)}
    absent = [name for name in own.entries if name not in present]
    if not absent:
        return ""
    return f"{own.configuration} has no entry {' and '.join(absent)}: {_UPGRADE}"


def _different_webhooks(own: TrustSettings, found: Configuration) -> str:
    """A message if the entries call different webhooks, or "". caBundle was just set: ignored."""
    entries = found.entries(own.entries)
    return unlike([structs.replace(e, client_config=_bare(e)) for e in entries])


def _bare(entry: Entry) -> Client:
    return structs.replace(entry.client_config, ca_bundle=None)
