"""The certificates of the webhook, and those of node agents."""

from dataclasses import dataclass

from kube.environment import number, object_name, one_of, setting
from scaler.certificates.options import CertificateMode, TrustSettings


@dataclass(frozen=True)
class CertificateSettings:
    """Names equal the chart's value paths."""

    configuration: str = setting(
        "",
        "SCALER_WEBHOOKCONFIGURATION",
        "MutatingWebhookConfiguration whose CA is kept current; empty: none",
        object_name,
    )
    service: str = setting("", "WEBHOOK_SERVICE", "the webhook's Service", object_name)
    certificates: str = setting(
        CertificateMode.SELF_MANAGED.value,
        "WEBHOOK_CERTIFICATES_MODE",
        "who makes the webhook's certificate",
        one_of(tuple(CertificateMode)),
    )
    ca_secret: str = setting("", "WEBHOOK_CERTIFICATES_CASECRET", "Secret of the CA", object_name)
    leaf_secret: str = setting(
        "", "WEBHOOK_CERTIFICATES_SECRET", "Secret of the webhook's certificate", object_name
    )
    ca_lifetime: int = setting(
        3650 * 86400,
        "WEBHOOK_CERTIFICATES_CALIFETIME",
        "lifetime of the CA in seconds",
        number(60, 100 * 365 * 86400),
    )
    leaf_lifetime: int = setting(
        90 * 86400,
        "WEBHOOK_CERTIFICATES_LEAFLIFETIME",
        "lifetime of the certificate in seconds",
        number(60, 10 * 365 * 86400),
    )
    secret_refresh: int = setting(
        90,
        "WEBHOOK_CERTIFICATES_REFRESH",
        "seconds in which kubelets bring a changed Secret to its pods",
        number(1, 3600),
    )
    agent_ca_secret: str = setting(
        "", "AGENT_CASECRET", "Secret of the node agents' authority", object_name
    )
    agent_secret: str = setting(
        "", "AGENT_SECRET", "Secret of the node agents' certificate", object_name
    )
    namespace: str = setting(
        "podtailor-system",
        "NAMESPACE",
        "the release's namespace, where probes are made",
        object_name,
    )

    @property
    def trust(self) -> TrustSettings:
        """The settings of the webhook's certificates."""
        return TrustSettings(
            namespace=self.namespace,
            service=self.service,
            configuration=self.configuration,
            ca_secret=self.ca_secret,
            leaf_secret=self.leaf_secret,
            mode=CertificateMode(self.certificates),
            ca_lifetime=self.ca_lifetime,
            leaf_lifetime=self.leaf_lifetime,
            refresh=self.secret_refresh,
        )

    @property
    def agent_trust(self) -> TrustSettings:
        """The settings of the node agents' certificates."""
        return TrustSettings(
            namespace=self.namespace,
            service=self.agent_secret,
            configuration="",
            ca_secret=self.agent_ca_secret,
            leaf_secret=self.agent_secret,
            ca_lifetime=self.ca_lifetime,
            leaf_lifetime=self.leaf_lifetime,
            refresh=self.secret_refresh,
        )
