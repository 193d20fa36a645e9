"""Capacity shrinks during a change, or under a size that settled long ago."""

from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import LARGE, settled
from tests.e2e.workloads import Json, until
from tests.faults.conftest import for_a_while
from tests.faults.form import lasting
from tests.faults.trial import Trial


def _made(trial: Trial, kind: str, plural: str, spec: Json) -> str:
    """Create an object of this kind in the trial's namespace; its path."""
    path = f"/api/v1/namespaces/{trial.shop.namespace}/{plural}"
    body = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "small"}, "spec": spec}
    trial.shop.gateway.post(path, body)
    return f"{path}/small"


def test_a_quota_shrinks(trial: Trial) -> None:
    """The quota suffices for the existing pods, but not for one more pod of the larger size."""
    trial.begin()
    path = _made(trial, "ResourceQuota", "resourcequotas", {"hard": {"limits.cpu": "500m"}})
    trial.says(Reason.QUOTA, within=30 + lasting(8, 300))
    for_a_while(2, 60)
    assert trial.watched.ready() == 2
    trial.shop.gateway.delete(path)
    trial.heals()
    trial.unharmed("a quota shrinks", within=90)


def test_a_limit_range_is_created_and_then_a_pod_is_deleted(trial: Trial) -> None:
    """The size is rolled back for new pods before one is deleted; healthy pods keep theirs."""
    trial.begin()
    until(lambda: settled(trial.shop, trial.workload, LARGE, 2), 60, trial.said)
    limits: list[Json] = [{"type": "Container", "max": {"cpu": "250m"}}]
    _made(trial, "LimitRange", "limitranges", {"limits": limits})
    trial.says(Reason.ROLLED_BACK)
    lost, kept = trial.shop.pods()
    namespace = trial.shop.namespace
    trial.expected += 1
    trial.shop.gateway.delete(f"/api/v1/namespaces/{namespace}/pods/{lost.metadata.name}")
    trial.heals()
    trial.recovered("a LimitRange is created after a change, and then a pod is deleted")
    assert kept.metadata.uid in {p.metadata.uid for p in trial.shop.pods()}
