"""The webhook's Prometheus metrics.

They have a registry of their own, so that tests can create any number of them. Every reason starts
at 0: a counter that only appears with its first event hides that event from `increase()`.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from store.cache import Cache
from webhook.certificate import Certificate
from webhook.outcome import Outcome

_SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)


class Metrics:
    """One process's metrics."""

    def __init__(self, cache: Cache, certificate: Certificate) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        reviews = Counter(
            "podtailor_webhook_reviews",
            "Reviews answered, by outcome.",
            ["reason"],
            registry=self._registry,
        )
        self._reviews = {outcome: reviews.labels(outcome.value) for outcome in Outcome}
        self._seconds = Histogram(
            "podtailor_webhook_review_seconds",
            "Time from a review's arrival to its answer, excluding the network.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._gauge(
            "podtailor_webhook_cache_age_seconds",
            "Seconds since the API server last answered.",
        ).set_function(cache.watch.age)
        self._gauge("podtailor_webhook_cache_podsizes", "PodSizes in the cache.").set_function(
            lambda: len(cache.watch.snapshot())
        )
        self._gauge(
            "podtailor_webhook_certificate_expiry_timestamp_seconds",
            "When the serving certificate expires, in seconds since 1970; 0: not known.",
        ).set_function(lambda: certificate.not_after or 0.0)

    def count(self, outcome: Outcome, seconds: float) -> None:
        """Record one answered review."""
        self._reviews[outcome].inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """All metrics, in Prometheus' text format."""
        return generate_latest(self._registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self._registry)
