"""The scaler's settings; names equal the chart's value paths. Each room declares its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from kube.environment import (
    address,
    declared,
    describe,
    flag,
    number,
    object_name,
    one_of,
    read,
    setting,
)
from kube.logs import FORMATS, LEVELS
from scaler.certificates.settings import CertificateSettings
from scaler.disruption.circuit_breaker import Terms
from scaler.disruption.cluster_limits import ClusterLimits
from scaler.disruption.settings import DisruptionSettings
from scaler.health.startup_deadline import Deadline
from scaler.history.settings import HistorySettings
from scaler.planning.context import Options
from scaler.policies.settings import PolicySettings
from scaler.preview.outcome import Live
from scaler.replacement.settings import ReplacementSettings
from scaler.usage.settings import UsageSettings


@dataclass(frozen=True)
class Settings(
    UsageSettings,
    PolicySettings,
    DisruptionSettings,
    ReplacementSettings,
    HistorySettings,
    CertificateSettings,
):
    """Everything that can be set: what the rooms declare, and what concerns the whole program."""

    bind: str = setting("0.0.0.0", "SCALER_BIND", "address to listen on", address)
    port: int = setting(8080, "SCALER_PORT", "port of health, metrics and page", number(1, 65535))
    dry_run: bool = setting(False, "SCALER_DRYRUN", "decide and report, but change nothing", flag)
    deployment: str = setting(
        "", "SCALER_DEPLOYMENT", "the scaler's own Deployment, for podtailor.io/paused", object_name
    )
    lease: str = setting("", "SCALER_LEASE", "Lease for leader election; empty: none", object_name)
    scaler_service: str = setting(
        "", "SCALER_SERVICE", "the scaler's Service, by which node agents call it", object_name
    )
    agent: bool = setting(False, "AGENT_ENABLED", "listen to node agents", flag)
    agent_port: int = setting(8443, "AGENT_PORT", "port for node agents", number(1, 65535))
    page: bool = setting(True, "SCALER_PAGE_ENABLED", "serve the page", flag)
    page_auth: str = setting(
        "none",
        "SCALER_PAGE_AUTH",
        "none: for port-forwards and the pod network; kubernetes: bearer tokens",
        one_of(("none", "kubernetes")),
    )
    log_format: str = setting("text", "LOG_FORMAT", " or ".join(FORMATS), one_of(FORMATS))
    log_level: str = setting("info", "LOG_LEVEL", ", ".join(LEVELS), one_of(LEVELS))

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
            maxima=self.maxima,
            deadline=Deadline(self.deadline_shortest, self.deadline_longest),
            patience=self.patience,
            horizon=self.horizon,
            resize_deadline=float(self.resize_deadline),
            bursts=self.bursts,
        )

    @property
    def live(self) -> Live:
        """The settings by which a preview replays the past."""
        return Live(self.patience, self.horizon)


TABLE = declared(Settings)


def from_env(environ: Mapping[str, str]) -> Settings:
    """The settings. Raises kube.environment.SettingsError with every error that there is."""
    return Settings(**read(environ, TABLE))  # type: ignore[arg-type]  # readers give the types


def help_text() -> str:
    """All settings with their defaults, for `--help`."""
    return describe(TABLE, Settings())
