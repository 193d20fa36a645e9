"""Which other controller would adopt a pod that has none? Pure.

A pod that is handed back has no controller for a moment, as has one whose PodSize is deleted: any
controller of its namespace may take it whose selector matches, and then has one pod too many. It
may remove that very pod, and its own owner is left with a replacement that never became Ready.

| a controller of the pod's namespace, other than its own   | would adopt it                     |
| --------------------------------------------------------- | ---------------------------------- |
| ReplicationController, ReplicaSet, DaemonSet              | if its selector matches its labels |
| StatefulSet                                               | no: only pods of its own names     |
| one that is being deleted                                 | no                                 |
"""

from collections.abc import Mapping, Sequence

from kube import objects
from kube.memo import once
from scaler.cluster.snapshot import Snapshot

_ADOPT = ("ReplicationController", "ReplicaSet", "DaemonSet")

_Adopters = Mapping[str, Sequence[tuple[str, objects.Owner]]]


def other_than_its_own(snapshot: Snapshot, pod: objects.Pod) -> str | None:
    """Kind and name of the first that would; None: nobody would."""
    meta = pod.metadata
    own = {r.uid for r in meta.owner_references or ()}
    for kind, owner in _in_namespaces(snapshot).get(meta.namespace, ()):
        if owner.metadata.uid not in own and owner.spec.selects(meta.labels or {}):
            return f"{kind} {owner.metadata.name}"
    return None


@once
def _in_namespaces(snapshot: Snapshot) -> _Adopters:
    """By namespace, as a cycle asks about few pods in few of them."""
    out: dict[str, list[tuple[str, objects.Owner]]] = {}
    for kind in _ADOPT:
        for (namespace, _), owner in sorted(snapshot.owners.get(kind, {}).items()):
            if not owner.metadata.deletion_timestamp:
                out.setdefault(namespace, []).append((kind, owner))
    return out
