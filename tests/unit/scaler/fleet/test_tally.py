"""What changes.py finds, as metrics."""

from scaler.fleet.tally import Tally
from scaler.reporting.metrics import Metrics
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, view
from tests.unit.scaler.fleet.test_changes import CHANGED, GOT, plan


def test_each_finding_is_counted_under_its_reason() -> None:
    metrics = Metrics()
    tally = Tally(metrics)
    for reason in (Reason.IN_BOUNDS, Reason.IN_BOUNDS, Reason.DOUBLED, Reason.IN_BOUNDS):
        tally.count([view()], [plan(reason)], NOW)
    tally.count([view(status=CHANGED)], [], NOW)
    tally.count([view(*GOT, status=CHANGED)], [], NOW + 30)

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(name, labels)

    counted = "podtailor_decisions_total"
    assert value(counted, resource="cpu", reason="InBounds") == 2
    assert value(counted, resource="cpu", reason="Doubled") == 1
    assert value("podtailor_changes_total", resource="cpu", reason="Doubled") == 1
    assert value("podtailor_actuation_seconds_sum") == 30
    assert value("podtailor_rollbacks_total") == 0
