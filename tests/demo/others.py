"""Nine workloads beside the experiment's: each is left alone, and each for another reason.

They do nothing themselves. `REASONS` is what podtailor must say of each before the demo ends.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from kube import kinds
from kube.gateway import Gateway
from store.model import Workload
from store.naming import object_name
from store.reasons import Reason
from tests.demo import workload

Json = dict[str, Any]
_SMALL = {
    "requests": {"cpu": "10m", "memory": "16Mi"},
    "limits": {"cpu": "200m", "memory": "64Mi"},
}


class Other(Struct, frozen=True):
    """One workload; `by_hand`: the request and limit of CPU that its PodSize asks for."""

    kind: str
    reason: Reason
    annotations: Mapping[str, str] = field(default_factory=lambda: {"mode": "auto"})
    resources: Json = field(default_factory=lambda: dict(_SMALL))
    spec: Mapping[str, Any] = field(default_factory=dict)
    by_hand: tuple[str, str] | None = None


_LARGER = "20m", "400m"
OTHERS: Mapping[str, Other] = {
    "idle": Other("Deployment", Reason.IN_BOUNDS),
    "observed": Other("Deployment", Reason.OBSERVING, {"mode": "observe"}),
    "misspelt": Other("Deployment", Reason.BAD_ANNOTATION, {"mode": "atuo"}),
    "paused": Other(
        "Deployment", Reason.PAUSED, {"mode": "auto", "paused": "true"}, by_hand=_LARGER
    ),
    "unsized": Other("Deployment", Reason.NOTHING_TO_SCALE, resources={}),
    "scaled": Other("Deployment", Reason.OTHER_AUTOSCALER, {"mode": "auto", "resources": "cpu"}),
    "giant": Other("Deployment", Reason.NO_NODE_FITS, by_hand=("900", "900")),
    "single": Other(
        "Deployment",
        Reason.SINGLE_REPLICA,
        spec={"strategy": {"type": "Recreate"}},
        by_hand=_LARGER,
    ),
    "guarded": Other(
        "StatefulSet", Reason.DISRUPTION_BUDGET, spec={"replicas": 2}, by_hand=_LARGER
    ),
}
REASONS: Mapping[str, str] = {
    **{f"{one.kind}/{name}": str(one.reason) for name, one in OTHERS.items()},
    f"{workload.KIND}/{workload.NAME}": str(Reason.MANUAL),
}
"""Of all ten, as the demo ends."""


def all_explained(text: str) -> bool:
    """Whether the words of `kubectl podtailor status` have the reason of each of the ten."""
    rows = {cells[1]: cells for line in text.splitlines() if len(cells := line.split()) > 1}
    return all(reason in rows.get(name, ()) for name, reason in REASONS.items())


def create(gateway: Gateway, space: str) -> None:
    """All of them, the autoscaler of one and the budget of another."""
    for name, one in OTHERS.items():
        gateway.post(kinds.OWNERS[one.kind].path(space), _owner(name, one))
    for path, body in _beside(space):
        gateway.post(path, body)


def wish(gateway: Gateway, space: str) -> None:
    """The sizes by hand, once each has its PodSize."""
    for name, one in OTHERS.items():
        if one.by_hand is None:
            continue
        podsize = object_name(Workload("apps/v1", one.kind, space, name))
        request, limit = one.by_hand
        size = {"name": "nginx", "requests": {"cpu": request}, "limits": {"cpu": limit}}
        path = f"/apis/podtailor.io/v1alpha1/namespaces/{space}/podsizes/{podsize}"
        gateway.patch(path, {"spec": {"containers": [size]}})


def _owner(name: str, one: Other) -> Json:
    container = {"name": "nginx", "image": workload.IMAGE, "resources": one.resources}
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
    }
    annotations = {f"podtailor.io/{key}": value for key, value in one.annotations.items()}
    selector = {"matchLabels": {"app": name}}
    return {
        "apiVersion": "apps/v1",
        "kind": one.kind,
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"replicas": 1, "selector": selector, "template": template, **one.spec},
    }


def _beside(space: str) -> Iterator[tuple[str, Json]]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "scaled"}
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    yield (
        f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers",
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "scaled"},
            "spec": {
                "scaleTargetRef": target,
                "maxReplicas": 2,
                "metrics": [{"type": "Resource", "resource": cpu}],
            },
        },
    )
    yield (
        f"/apis/policy/v1/namespaces/{space}/poddisruptionbudgets",
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "guarded"},
            "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "guarded"}}},
        },
    )
