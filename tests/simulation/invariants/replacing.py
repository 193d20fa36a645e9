"""What its owner would make in the place of a pod, and whether that could come.

Found out here by the model's own scheduler and LimitRanger.
"""

from collections.abc import Callable, Mapping

from kube.errors import KubeError
from store.injection import inject
from store.model import Sizes, StoredSize
from store.sizes import size_to_json
from tests.simulation import facts, kinds, limits, scheduling
from tests.simulation.etcd import Json, Key
from tests.simulation.world import World


def replacement(world: World, pod: Json, size: StoredSize | None) -> Json:
    """What its owner would make in the place of a pod, after the webhook."""
    given = _of_kind(world, pod, size, kinds.as_made)
    return sized(pod, inject(given, facts.arrived(pod, given)))


def of_pod(world: World, pod: Json, size: StoredSize | None) -> StoredSize | None:
    """The part of a size that is for a pod, on the kind of node where it is."""
    return _of_kind(world, pod, size, kinds.of_pod)


def target(world: World, pod: Json, size: StoredSize | None) -> Json:
    """The pod as it should be, on the kind of node where it is."""
    its = of_pod(world, pod, size)
    return sized(pod, inject(its, facts.arrived(pod, its)))


def as_stored(world: World, pod: Json, size: StoredSize | None, owner: Json | None = None) -> bool:
    """Whether a pod has what the store would give it; `owner`: only where changes replace pods."""
    whose = owner or facts.owner_of(world.etcd, pod)
    if size is None or whose is None or not _by_kind(whose, size):
        return facts.as_stored(pod, size, owner)
    names = kinds.allowed(pod, whose, world.etcd.all("nodes"), world.timeline.now)
    return names is None or any(facts.as_stored(pod, size.of_class(n), owner) for n in names)


def rewritten(world: World, pod: Json, size: StoredSize, owner: Json) -> bool:
    """Whether it bears the stored revision with other values."""
    same = facts.revision_of(pod) == size.revision
    return same and not as_stored(world, pod, size, owner)


def _by_kind(owner: Json, size: StoredSize) -> bool:
    return bool(size.classes) or facts.annotation(owner, "per-node") == "on"


def _of_kind(
    world: World,
    pod: Json,
    size: StoredSize | None,
    which: Callable[[Json, Json, StoredSize | None, kinds.Nodes, float], StoredSize | None],
) -> StoredSize | None:
    owner = facts.owner_of(world.etcd, pod) if size and size.classes else None
    if owner is None:
        return size.of_class(None) if size else None
    return which(pod, owner, size, world.etcd.all("nodes"), world.timeline.now)


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
