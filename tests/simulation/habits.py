"""What a workload's author asks of whoever replaces its pods, drawn apart from everything else.

| what                    | how often                                                           |
| ----------------------- | ------------------------------------------------------------------- |
| `minReadySeconds`       | a quarter of the workloads: 5, 10 or 20                             |
| pods that are protected | one workload of eight: for a time, indefinitely, or unreadably      |
"""

from random import Random

from kube import timestamps
from tests.simulation.etcd import Json

DO_NOT_DISRUPT = "karpenter.sh/do-not-disrupt"
SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"
_SECONDS = {"90s": 90.0, "2m30s": 150.0, "0.1h": 360.0, "false": 0.0}
"""Of each value, how long it protects a pod from its start on; of others: indefinitely."""
_MARKS = (
    *((DO_NOT_DISRUPT, text) for text in ("90s", "2m30s", "0.1h", "false", "true", "2 hours")),
    (SAFE_TO_EVICT, "false"),
)


def of(seed: int, name: str) -> Json:
    """What one workload's manifest has of them, for `shapes.workload`."""
    chance = Random(f"{seed}/{name}/habits")
    more: Json = {}
    if chance.random() < 0.25:
        more["minReadySeconds"] = chance.choice([5, 10, 20])
    if chance.random() < 0.125:
        more["marks"] = dict([chance.choice(_MARKS)])
    return more


def protected(pod: Json, owner: Json, now: float) -> str | None:
    """The annotation by which nobody may disrupt the pod at `now`."""
    template = owner["spec"]["template"].get("metadata") or {}
    for texts in (pod["metadata"].get("annotations") or {}, template.get("annotations") or {}):
        if texts.get(SAFE_TO_EVICT) == "false":
            return SAFE_TO_EVICT
        text = texts.get(DO_NOT_DISRUPT)
        if text is not None and now < _until(pod, text):
            return f"{DO_NOT_DISRUPT}: {text}"
    return None


def _until(pod: Json, text: str) -> float:
    """When the protection is over; what is not in the table never ends."""
    started = pod["status"].get("startTime") or pod["metadata"]["creationTimestamp"]
    return (timestamps.seconds(started) or 0.0) + _SECONDS.get(text, float("inf"))
