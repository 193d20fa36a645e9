"""The scaler's metrics, in a registry of their own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The scaler's metrics, in a registry of their own."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self.actions = Counter(
            "podtailor_actions",
            "Actions carried out",
            ["action", "reason", "done"],
            registry=r,
        )
        self.workloads = Gauge(
            "podtailor_workloads",
            "Enrolled workloads by what their status says",
            ["phase", "reason"],
            registry=r,
        )
        self.events_lost = Counter(
            "podtailor_events_lost",
            "Events that were not made, as the API server refused them or did not answer",
            registry=r,
        )
        self.breaker = Gauge(
            "podtailor_scaler_breaker_open",
            "1 while the circuit breaker is tripped: no pod is replaced, but for trials",
            registry=r,
        )
        self.cycle = Histogram("podtailor_cycle_seconds", "Length of a cycle", registry=r)
        self.scrape_failures = Gauge(
            "podtailor_usage_failures", "Nodes whose usage could not be read", registry=r
        )
        self.history_degraded = Gauge(
            "podtailor_history_degraded",
            "1 while the history cannot be kept: decisions go on from memory",
            registry=r,
        )
        self.certificate_expiry = Gauge(
            "podtailor_certificate_expiry_timestamp_seconds",
            "End of the webhook's certificate",
            registry=r,
        )
        self.last_cycle = Gauge(
            "podtailor_last_cycle_timestamp_seconds", "Time of the last cycle", registry=r
        )
