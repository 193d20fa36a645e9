"""Keeps the API server's trust in the webhook: two Secrets and the configuration's caBundle.

Each cycle reads the three objects by name and writes what differs; an idle one costs three GETs.
What they should hold is decided by `scaler.rotation`. The order of the writes is the safety: a CA
is stored before anybody trusts it, and trusted before a leaf of it is served. Nothing is ever
created: the chart makes the Secrets, empty. Keys are never logged.

| what is found                         | state                                                |
| ------------------------------------- | ---------------------------------------------------- |
| a Secret is missing                   | not ok, nothing is written                           |
| the configuration, an entry missing   | not ok; the rest is kept right all the same          |
| somebody else wrote first (409)       | not ok; the next cycle reads again                   |
| no right, no answer                   | not ok; the message is the API server's              |
| the entries differ in webhook, trust  | not ok: a probe would prove nothing for pods         |
| another mode than self-managed        | nothing is written; ok with some trust in each entry |
| another mode, and no right to read it | ok: nothing is known                                 |
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
    """Whether the API server can trust the webhook, as far as the stored objects tell.

    `message`: what is wrong. `expires`: the leaf's end in seconds since 1970, None: not known.
    `done`: what this cycle wrote, and why.
    """

    ok: bool
    message: str = ""
    expires: float | None = None
    done: tuple[str, ...] = ()
    found: Configuration | None = field(default=None, repr=False, compare=False)
    """The webhook's configuration as it was read; None: it was not."""


class Trust:
    """One release's. Only the scaler that holds the Lease may run cycles."""

    def __init__(self, gateway: Gateway, settings: TrustSettings) -> None:
        self._gateway = gateway
        self._settings = settings

    def cycle(self, now: float) -> TrustState:
        """Look, and write what differs; `now` in seconds since 1970. Never raises a KubeError."""
        done: list[str] = []
        try:
            if self._settings.mode is CertificateMode.SELF_MANAGED:
                return self._keep(now, done)
            return self._look()
        except (KubeError, ValueError) as e:  # ValueError: an answer, or a name, that is none
            logger.warning("trust not kept", extra={"error": str(e)})
            return TrustState(False, _told(e), done=tuple(done))

    def _keep(self, now: float, done: list[str]) -> TrustState:
        ours = self._settings
        ca = read_secret(self._gateway, ours.namespace, ours.ca_secret)
        leaf = read_secret(self._gateway, ours.namespace, ours.leaf_secret)
        if ca is None or leaf is None:
            name = ours.ca_secret if ca is None else ours.leaf_secret
            return TrustState(False, f"the Secret {ours.namespace}/{name} is missing: {_UPGRADE}")
        configuration = read_configuration(self._gateway, ours.configuration)
        trusted = configuration.bundles(ours.entries) if configuration else {}
        held = Held(
            _pair(ca), ca.value(_FORMER), _pair(leaf), leaf.value(_TRUST), list(trusted.values())
        )
        wanted = rotate(held, ours, now)
        self._write(ca, wanted.ca, {_FORMER: wanted.kept}, wanted.ca_reason, done)
        problem = self._entrust(configuration, wanted.bundle, done)
        self._write(leaf, wanted.leaf, {_TRUST: wanted.bundle}, wanted.leaf_reason, done)
        facts = facts_of(wanted.leaf.certificate)
        ends = facts.ends if facts else None
        return TrustState(not problem, problem, ends, tuple(done), configuration)

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
        """What is wrong, or nothing. Never raises: where the leaf serves nobody it must go on."""
        ours = self._settings
        if found is None:
            return _no_configuration(ours.configuration)
        try:
            if write_bundle(self._gateway, found, ours.entries, bundle):
                _record(done, f"trust in {ours.configuration} written", "it was another")
        except KubeError as e:
            logger.warning("trust not written", extra={"error": str(e)})
            return _told(e)
        return _absent(ours, found) or _elsewhere(ours, found)

    def _look(self) -> TrustState:
        ours = self._settings
        try:
            found = read_configuration(self._gateway, ours.configuration)
        except Forbidden:
            return TrustState(True)
        if found is None:
            return TrustState(False, _no_configuration(ours.configuration))
        trusted = found.bundles(ours.entries)
        empty = [name for name, bundle in trusted.items() if not bundle]
        problem = _absent(ours, found) or unlike(found.entries(ours.entries))
        if empty:
            problem = (
                f"nobody has set the caBundle of {' and '.join(empty)} in {ours.configuration}"
            )
        return TrustState(not problem, problem, found=found)


def _pair(secret: Secret) -> Pair:
    return Pair(secret.value(_CERTIFICATE), secret.value(_KEY))


def _record(done: list[str], what: str, why: str) -> None:
    logger.info("trust changed", extra={"what": what, "why": why})
    done.append(f"{what}: {why}")


def _told(error: Exception) -> str:
    if isinstance(error, Conflict):
        return f"somebody else wrote first, the next cycle tries again: {error.message}"
    return str(error)


def _no_configuration(name: str) -> str:
    return f"the MutatingWebhookConfiguration {name} is missing: {_UPGRADE}"


def _absent(ours: TrustSettings, found: Configuration) -> str:
    there = {e.name for e in found.entries(ours.entries)}
    absent = [name for name in ours.entries if name not in there]
    if not absent:
        return ""
    return f"{ours.configuration} has no entry {' and '.join(absent)}: {_UPGRADE}"


def _elsewhere(ours: TrustSettings, found: Configuration) -> str:
    """The trust is kept by us; but do both entries call the same webhook?"""
    entries = found.entries(ours.entries)
    return unlike([structs.replace(e, client_config=_bare(e)) for e in entries])


def _bare(entry: Entry) -> Client:
    return structs.replace(entry.client_config, ca_bundle=None)
