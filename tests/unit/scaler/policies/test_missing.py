"""Which reason is given where no pod has a minute."""

from scaler.policies import missing
from store.reasons import Reason
from tests.unit.scaler.policies.looks import minute


def test_the_most_important_reason_is_given() -> None:
    minutes = [minute(Reason.NO_USAGE), minute(Reason.STALE_USAGE), minute(Reason.WARMING_UP)]
    got = missing.why("nginx", minutes)
    assert (got.value, got.reason) == (None, Reason.STALE_USAGE)
    assert got.message == "nginx: because of StaleUsage"


def test_without_any_pod_nothing_is_known() -> None:
    got = missing.why("nginx", [])
    assert (got.reason, got.message) == (Reason.NO_USAGE, "nginx: no pod at the current size")
