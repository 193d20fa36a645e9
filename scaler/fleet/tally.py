"""Counts what changes.py finds: the one place where its findings become metrics."""

from collections.abc import Collection, Mapping, Sequence

from scaler.cluster.view import View
from scaler.fleet import changes
from scaler.fleet.changes import Known
from scaler.model import Plan
from scaler.reporting.metrics import Metrics
from store.model import Workload


class Tally:
    """Fed by the loop of the leader, so that no change is counted by two processes."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._known: Mapping[Workload, Known] = {}

    def count(self, views: Collection[View], plans: Sequence[Plan], now: float) -> None:
        """What one cycle brought; `now` in seconds since the epoch."""
        self._known, news = changes.followed(self._known, views, plans, now)
        metrics = self._metrics
        for resource, reason in news.decisions:
            metrics.decisions.labels(resource, reason).inc()
        for resource, reason in news.changes:
            metrics.changes.labels(resource, reason).inc()
        metrics.rollbacks.inc(news.rollbacks)
        for seconds in news.seconds:
            metrics.actuation.observe(seconds)
