"""How usage is read."""

from dataclasses import dataclass

from kube.environment import number, one_of, setting
from scaler.usage.sources import SOURCES


@dataclass(frozen=True)
class UsageSettings:
    """Names equal the chart's value paths."""

    interval: int = setting(
        5, "SCALER_INTERVAL", "seconds between two reads of the usage", number(1, 300)
    )
    usage_source: str = setting(
        "auto", "SCALER_USAGE_SOURCE", " or ".join(SOURCES), one_of(SOURCES)
    )
    kubelet_tls: str = setting(
        "verify",
        "SCALER_USAGE_KUBELETTLS",
        "verify the kubelets' certificates, or skip that",
        one_of(("verify", "skip")),
    )
