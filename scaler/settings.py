"""The scaler's settings; names equal the chart's value paths."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from kube import quantity
from kube.environment import (
    Setting,
    address,
    describe,
    directory,
    flag,
    number,
    object_name,
    one_of,
    read,
    url,
)
from kube.logs import FORMATS, LEVELS
from scaler.annotations.options import Bounds, PolicyNames, Strategy
from scaler.certificates.options import CertificateMode, TrustSettings
from scaler.disruption.circuit_breaker import Terms
from scaler.disruption.cluster_limits import ClusterLimits
from scaler.health.startup_deadline import Deadline
from scaler.planning.context import Options
from scaler.policies import table
from scaler.policies.policy import Horizon, Patience
from scaler.usage.sources import SOURCES


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; meanings are in `TABLE`. Maxima None: no bound."""

    namespace: str = "podtailor-system"
    bind: str = "0.0.0.0"
    port: int = 8080
    interval: int = 5
    dry_run: bool = False
    usage_source: str = "auto"
    kubelet_tls: str = "verify"
    restarts_per_hour: int = 6
    in_flight: int = 3
    cluster_per_hour: int = 60
    breaker_workloads: int = 3
    breaker_window: int = 600
    breaker_pause: int = 60
    deadline_shortest: int = 60
    deadline_longest: int = 600
    cpu_max: int | None = None
    memory_max: int | None = None
    policy_default: str = table.NAMES.default
    policy_strategy: str = Strategy.RECREATE
    halve_quiet: int = 1800
    halve_below: int = 40
    track_window: int = 8 * 86400
    track_learning: int = 86400
    track_pause: int = 3600
    history_path: Path | None = None
    history_size: int = 512 * 1024**2
    history_url: str | None = None
    deployment: str = ""
    lease: str = ""
    surge: bool = True
    drain: int = 2
    resize: bool = True
    resize_deadline: int = 60
    configuration: str = ""
    service: str = ""
    certificates: str = CertificateMode.SELF_MANAGED
    ca_secret: str = ""
    leaf_secret: str = ""
    ca_lifetime: int = 3650 * 86400
    leaf_lifetime: int = 90 * 86400
    secret_refresh: int = 90
    page: bool = True
    page_auth: str = "none"
    scaler_service: str = ""
    agent: bool = False
    agent_port: int = 8443
    agent_ca_secret: str = ""
    agent_secret: str = ""
    bursts: int = 3
    log_format: str = "text"
    log_level: str = "info"

    @property
    def ceilings(self) -> ClusterLimits:
        """The limits for the cluster."""
        terms = Terms(self.breaker_workloads, self.breaker_window, self.breaker_pause)
        longest = float(self.deadline_longest)
        return ClusterLimits(self.in_flight, self.cluster_per_hour, terms, longest)

    @property
    def cycle(self) -> Options:
        """The settings of a cycle."""
        return Options(
            own=(self.namespace, self.deployment),
            dry_run=self.dry_run,
            per_hour=self.restarts_per_hour,
            maxima=Bounds(cpu_max=self.cpu_max, memory_max=self.memory_max),
            deadline=Deadline(self.deadline_shortest, self.deadline_longest),
            patience=Patience(self.halve_quiet, self.halve_below / 100),
            horizon=Horizon(self.track_window, self.track_learning, self.track_pause),
            resize_deadline=float(self.resize_deadline),
            bursts=self.bursts,
        )

    @property
    def policies(self) -> PolicyNames:
        """What annotations may name, and what holds without them."""
        strategy = Strategy(self.policy_strategy)
        return replace(table.NAMES, default=self.policy_default, strategy=strategy)

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


_SMALLEST = 16 * 1024**2


def _file_size(text: str) -> int:
    """A quantity of bytes in which a history has room."""
    value = quantity.memory(text)
    if value < _SMALLEST:
        raise ValueError(f"less than {quantity.format_memory(_SMALLEST)}")
    return value


TABLE: Mapping[str, Setting] = {
    "namespace": Setting(
        "NAMESPACE", "the release's namespace, where probes are made", object_name
    ),
    "bind": Setting("SCALER_BIND", "address to listen on", address),
    "port": Setting("SCALER_PORT", "port of health, metrics and page", number(1, 65535)),
    "interval": Setting(
        "SCALER_INTERVAL", "seconds between two reads of the usage", number(1, 300)
    ),
    "dry_run": Setting("SCALER_DRYRUN", "decide and report, but change nothing", flag),
    "usage_source": Setting("SCALER_USAGE_SOURCE", " or ".join(SOURCES), one_of(SOURCES)),
    "kubelet_tls": Setting(
        "SCALER_USAGE_KUBELETTLS",
        "verify the kubelets' certificates, or skip that",
        one_of(("verify", "skip")),
    ),
    "restarts_per_hour": Setting(
        "SCALER_RESTARTS_PERHOUR",
        "pods of a workload replaced in an hour, in addition to one per replica",
        number(1, 10_000),
    ),
    "in_flight": Setting(
        "SCALER_RESTARTS_INFLIGHT", "replacements in progress in the cluster", number(1, 1000)
    ),
    "cluster_per_hour": Setting(
        "SCALER_RESTARTS_CLUSTERPERHOUR",
        "pods replaced in the cluster in an hour",
        number(1, 100_000),
    ),
    "breaker_workloads": Setting(
        "SCALER_BREAKER_WORKLOADS",
        "workloads failing alike after which only trials are made",
        number(2, 1000),
    ),
    "breaker_window": Setting(
        "SCALER_BREAKER_WINDOW", "seconds in which their failures count", number(1, 86_400)
    ),
    "breaker_pause": Setting("SCALER_BREAKER_PAUSE", "seconds between two trials", number(1, 3600)),
    "deadline_shortest": Setting(
        "SCALER_DEADLINE_SHORTEST",
        "shortest deadline in seconds for a replacement to be scheduled and Ready",
        number(1, 86400),
    ),
    "deadline_longest": Setting(
        "SCALER_DEADLINE_LONGEST",
        "longest such deadline in seconds, unless all earlier start-ups were slower",
        number(1, 86400),
    ),
    "cpu_max": Setting("POLICY_CPUMAX", "largest CPU limit of any container", quantity.cpu),
    "memory_max": Setting("POLICY_MEMORYMAX", "largest memory limit", quantity.memory),
    "policy_default": Setting(
        "POLICY_DEFAULT",
        "policy of workloads without podtailor.io/policy: " + " or ".join(table.NAMES.here),
        one_of(table.NAMES.here),
    ),
    "policy_strategy": Setting(
        "POLICY_STRATEGY",
        "strategy of workloads without podtailor.io/strategy: " + " or ".join(Strategy),
        one_of(tuple(Strategy)),
    ),
    "halve_quiet": Setting(
        "POLICY_HALVE_QUIET",
        "seconds of low usage before a size is halved",
        number(3, 7 * 86400),
    ),
    "halve_below": Setting(
        "POLICY_HALVE_BELOW",
        "low usage: percent of the limit that no minute reaches",
        number(1, 44),
    ),
    "track_window": Setting(
        "POLICY_TRACK_WINDOW",
        "seconds of usage that a size of the policy track goes by",
        number(120, 60 * 86400),
    ),
    "track_learning": Setting(
        "POLICY_TRACK_LEARNING",
        "seconds of usage that must be known before such a size gets smaller",
        number(60, 60 * 86400),
    ),
    "track_pause": Setting(
        "POLICY_TRACK_PAUSE",
        "seconds after a change in which such a size gets no smaller",
        number(1, 7 * 86400),
    ),
    "history_path": Setting(
        "SCALER_HISTORY_PATH", "directory of the history; empty: none is kept", directory
    ),
    "history_size": Setting(
        "SCALER_HISTORY_SIZE", "bytes for the history; its file takes two fifths", _file_size
    ),
    "history_url": Setting(
        "SCALER_HISTORY_URL",
        "address of a Prometheus-compatible server that is read for what the history lacks",
        url,
    ),
    "deployment": Setting(
        "SCALER_DEPLOYMENT", "the scaler's own Deployment, for podtailor.io/paused", object_name
    ),
    "lease": Setting("SCALER_LEASE", "Lease for leader election; empty: none", object_name),
    "surge": Setting(
        "SCALER_SURGE_ENABLED", "hand pods over where possible, instead of evicting them", flag
    ),
    "drain": Setting(
        "SCALER_SURGE_DRAINSECONDS",
        "seconds between removing a pod from its Services and deleting it",
        number(0, 300),
    ),
    "resize": Setting(
        "SCALER_RESIZE_ENABLED", "resize running pods in place where the strategy asks for it", flag
    ),
    "resize_deadline": Setting(
        "SCALER_RESIZE_DEADLINE",
        "seconds that a kubelet may take for a resize before the pod is replaced instead",
        number(1, 3600),
    ),
    "configuration": Setting(
        "SCALER_WEBHOOKCONFIGURATION",
        "MutatingWebhookConfiguration whose CA is kept current; empty: none",
        object_name,
    ),
    "service": Setting("WEBHOOK_SERVICE", "the webhook's Service", object_name),
    "certificates": Setting(
        "WEBHOOK_CERTIFICATES_MODE",
        "who makes the webhook's certificate",
        one_of(tuple(CertificateMode)),
    ),
    "ca_secret": Setting("WEBHOOK_CERTIFICATES_CASECRET", "Secret of the CA", object_name),
    "leaf_secret": Setting(
        "WEBHOOK_CERTIFICATES_SECRET", "Secret of the webhook's certificate", object_name
    ),
    "ca_lifetime": Setting(
        "WEBHOOK_CERTIFICATES_CALIFETIME",
        "lifetime of the CA in seconds",
        number(60, 100 * 365 * 86400),
    ),
    "leaf_lifetime": Setting(
        "WEBHOOK_CERTIFICATES_LEAFLIFETIME",
        "lifetime of the certificate in seconds",
        number(60, 10 * 365 * 86400),
    ),
    "secret_refresh": Setting(
        "WEBHOOK_CERTIFICATES_REFRESH",
        "seconds in which kubelets bring a changed Secret to its pods",
        number(1, 3600),
    ),
    "page": Setting("SCALER_PAGE_ENABLED", "serve the page", flag),
    "page_auth": Setting(
        "SCALER_PAGE_AUTH",
        "none: for port-forwards and the pod network; kubernetes: bearer tokens",
        one_of(("none", "kubernetes")),
    ),
    "scaler_service": Setting(
        "SCALER_SERVICE", "the scaler's Service, by which node agents call it", object_name
    ),
    "agent": Setting("AGENT_ENABLED", "listen to node agents", flag),
    "agent_port": Setting("AGENT_PORT", "port for node agents", number(1, 65535)),
    "agent_ca_secret": Setting(
        "AGENT_CASECRET", "Secret of the node agents' authority", object_name
    ),
    "agent_secret": Setting("AGENT_SECRET", "Secret of the node agents' certificate", object_name),
    "bursts": Setting(
        "POLICY_BURST_PERTENMINUTES",
        "how often in ten minutes a container may be raised because an agent sees it pinned",
        number(1, 100),
    ),
    "log_format": Setting("LOG_FORMAT", " or ".join(FORMATS), one_of(FORMATS)),
    "log_level": Setting("LOG_LEVEL", ", ".join(LEVELS), one_of(LEVELS)),
}


def from_env(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises kube.environment.SettingsError with every error that there is."""
    return Settings(**read(environ, TABLE))  # type: ignore[arg-type]  # readers give the types


def help_text() -> str:
    """All settings with their defaults, for `--help`."""
    return describe(TABLE, Settings())
