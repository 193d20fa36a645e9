"""How much may be replaced at a time, and when the scaler stops by itself."""

from dataclasses import dataclass

from kube.environment import number, setting


@dataclass(frozen=True)
class DisruptionSettings:
    """Names equal the chart's value paths."""

    restarts_per_hour: int = setting(
        6,
        "SCALER_RESTARTS_PERHOUR",
        "pods of a workload replaced in an hour, in addition to one per replica",
        number(1, 10_000),
    )
    in_flight: int = setting(
        3, "SCALER_RESTARTS_INFLIGHT", "replacements in progress in the cluster", number(1, 1000)
    )
    cluster_per_hour: int = setting(
        60,
        "SCALER_RESTARTS_CLUSTERPERHOUR",
        "pods replaced in the cluster in an hour",
        number(1, 100_000),
    )
    breaker_workloads: int = setting(
        3,
        "SCALER_BREAKER_WORKLOADS",
        "workloads failing alike after which only trials are made",
        number(2, 1000),
    )
    breaker_window: int = setting(
        600, "SCALER_BREAKER_WINDOW", "seconds in which their failures count", number(1, 86_400)
    )
    breaker_pause: int = setting(
        60, "SCALER_BREAKER_PAUSE", "seconds between two trials", number(1, 3600)
    )
