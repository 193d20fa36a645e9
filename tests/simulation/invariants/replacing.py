"""What its owner would make in the place of a pod, and whether that could come.

Found out here by the model's own scheduler and LimitRanger.
"""

from collections.abc import Mapping

from kube.errors import KubeError
from store.injection import inject
from store.model import Sizes, StoredSize
from store.sizes import size_to_json
from tests.simulation import facts, limits, scheduling
from tests.simulation.etcd import Json, Key


def replacement(pod: Json, size: StoredSize | None) -> Json:
    """What its owner would make in the place of a pod, after the webhook."""
    return sized(pod, inject(size, facts.arrived(pod, size)))


def refused(made: Json, ranges: dict[Key, Json]) -> str | None:
    """Why the LimitRanger would not let the pod in."""
    try:
        full = limits.ranged(made, ranges)
        limits.validate(full)
        limits.check_ranges(full, ranges)
    except KubeError as e:
        return e.message
    return None


def over_quota(
    going: Json | None, made: Json, quotas: Mapping[Key, Json], pods: Mapping[Key, Json]
) -> str | None:
    """Why the namespace has too little left for what is made once a pod (if any) is gone."""
    meta = going["metadata"] if going else {"namespace": "", "name": ""}
    others = {k: p for k, p in pods.items() if k != (meta["namespace"], meta["name"])}
    try:
        limits.check_quotas(made, quotas, others)
    except KubeError as e:
        return e.message
    return None


def nowhere(pod: Json, made: Json, nodes: dict[Key, Json], pods: dict[Key, Json]) -> bool:
    """Whether no node has room for what comes in the place of a pod."""
    meta = pod["metadata"]
    others = {k: p for k, p in pods.items() if k != (meta["namespace"], meta["name"])}
    return not scheduling.fitting(made, nodes, others)


def sized(pod: Json, wanted: Sizes) -> Json:
    """A pod without a node, its containers of these sizes, as the API server completes it."""
    containers = [
        {**c, "resources": size_to_json(wanted[c["name"]])} for c in pod["spec"]["containers"]
    ]
    spec = {k: v for k, v in pod["spec"].items() if k != "nodeName"}
    return limits.defaulted({**pod, "spec": {**spec, "containers": containers}})
