"""Settings of the webhook's certificates: object names, host names, lifetimes. Pure."""

from dataclasses import dataclass
from enum import StrEnum

_DAY = 86400.0
PODS, PROBE = "pods.podtailor.io", "probe.podtailor.io"
"""The entries of the webhook's configuration."""


class CertificateMode(StrEnum):
    """Who issues certificates and sets `caBundle`; the chart's `webhook.certificates.mode`."""

    SELF_MANAGED = "self-managed"
    CERT_MANAGER = "cert-manager"
    EXISTING_SECRET = "existing-secret"


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """Names of the objects; times in seconds.

    `refresh`: time within which a kubelet updates a changed Secret in its pods. `addresses`: names
    or IP addresses of the webhook besides those of its Service. The Secrets: self-managed only.
    """

    namespace: str
    service: str
    configuration: str
    ca_secret: str = ""
    leaf_secret: str = ""
    entries: tuple[str, ...] = (PODS, PROBE)
    mode: CertificateMode = CertificateMode.SELF_MANAGED
    addresses: tuple[str, ...] = ()
    ca_lifetime: float = 3650 * _DAY
    leaf_lifetime: float = 90 * _DAY
    refresh: float = 90.0
    client: bool = False
    """Whether the leaf says who a client is, instead of serving."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names under which the webhook is called."""
        full = f"{self.service}.{self.namespace}"
        return (self.service, full, f"{full}.svc", *self.addresses)
