"""Users edit the same objects while a change is in progress."""

import pytest

from store.model import Resources, Size
from store.reasons import Reason
from tests.e2e.test_sizes_reach_pods import BY_HAND
from tests.e2e.workloads import Json, container, sized, until
from tests.faults.conftest import beyond
from tests.faults.trial import Trial


def test_a_rollout_is_started(trial: Trial) -> None:
    trial.begin()
    edited = [{**container(), "env": [{"name": "A", "value": "b"}]}]
    trial.shop.patch(trial.workload, {"spec": {"template": {"spec": {"containers": edited}}}})
    trial.expected += 1  # the existing pod brings two more, and one less is replaced
    trial.says(Reason.ROLLOUT_IN_PROGRESS)
    trial.heals()
    trial.unharmed("a rollout is started")


@beyond
def test_the_manifest_s_other_resource_is_edited(trial: Trial) -> None:
    """Memory, which the size by hand does not name: the manifest's new value applies."""
    trial.begin()
    more = [container(**sized("100m", "200m", "48Mi"))]
    trial.shop.patch(trial.workload, {"spec": {"template": {"spec": {"containers": more}}}})
    trial.expected += 1
    trial.says(Reason.ROLLOUT_IN_PROGRESS)
    trial.heals()
    size = Size(Resources(150, 48 * 1024**2), Resources(300, 48 * 1024**2))
    trial.unharmed("the manifest's memory is edited", size=size)


def test_the_manifest_s_sized_resource_is_edited(trial: Trial) -> None:
    """The rollout's pods have the new value, and are replaced again for the size by hand."""
    trial.begin()
    more = [container(**sized("120m", "240m"))]
    trial.shop.patch(trial.workload, {"spec": {"template": {"spec": {"containers": more}}}})
    trial.expected += 3
    trial.says(Reason.ROLLOUT_IN_PROGRESS)
    trial.heals()
    trial.unharmed("the manifest's CPU is edited")


@pytest.mark.parametrize(
    ("what", "patch"),
    [
        pytest.param("emptied", {"status": None}, id="emptied"),
        pytest.param("given another size", {"status": {"size": {"containers": [
            {"name": "app", "requests": {"cpu": "170m"}, "limits": {"cpu": "340m"}}
        ]}}}, id="another-size", marks=beyond),
        pytest.param("edited to settled", {"status": {"phase": "Settled", "reason": "InBounds",
            "restarts": None, "backoff": None}}, id="settled", marks=beyond),
    ],
)  # fmt: skip
def test_the_status_is_edited(trial: Trial, what: str, patch: Json) -> None:
    trial.begin()
    gateway, path = trial.shop.gateway, trial.shop.podsize_path(trial.workload)
    gateway.patch(f"{path}/status", patch)
    trial.heals()
    trial.unharmed(f"the status is {what}")


def test_the_podsize_is_deleted(trial: Trial) -> None:
    """The size by hand goes with it: no pod is replaced for that, and the next change works."""
    trial.begin()
    before = trial.shop.podsize(trial.workload)
    trial.shop.gateway.delete(trial.shop.podsize_path(trial.workload))
    trial.heals()

    def recreated() -> bool:
        found = trial.shop.podsize(trial.workload)
        return found is not None and before is not None and found.uid != before.uid

    until(recreated, 10, trial.said)
    trial.shop.by_hand(trial.workload, BY_HAND)
    trial.unharmed("the PodSize is deleted, and the size is set again")
