"""The scaler's metrics, in a registry of their own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

ACTUATION = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds: from a resize in place to many replicas that are replaced one after the other."""


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
        self.decisions = Counter(
            "podtailor_decisions",
            "Decisions on a resource of a container; one that stays the same counts once",
            ["resource", "reason"],
            registry=r,
        )
        self.changes = Counter(
            "podtailor_changes",
            "Changes of a resource of a container in the stored sizes",
            ["resource", "reason"],
            registry=r,
        )
        self.rollbacks = Counter(
            "podtailor_rollbacks", "Sizes that were taken back, as pods did not work", registry=r
        )
        self.actuation = Histogram(
            "podtailor_actuation_seconds",
            "Time from a change of a size until all running pods of the workload have it",
            buckets=ACTUATION,
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
        self.history_unread = Gauge(
            "podtailor_history_unread",
            "1 while the server of scaler.history.url does not answer, as of the last question",
            registry=r,
        )
        self.certificate_expiry = Gauge(
            "podtailor_certificate_expiry_timestamp_seconds",
            "End of the webhook's certificate",
            registry=r,
        )
        self.cache_age = Gauge(
            "podtailor_scaler_cache_age_seconds",
            "Seconds since the API server last answered on the watch that is silent longest",
            registry=r,
        )
        self.last_cycle = Gauge(
            "podtailor_last_cycle_timestamp_seconds", "Time of the last cycle", registry=r
        )
