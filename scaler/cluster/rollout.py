"""Is the workload on its way to another template, or past the one its pods were made from? Pure.

Taking a pod must change resources and nothing else. Where a rollout runs, its owner is already
replacing pods; where a template moved on without one (ReplicationController, bare ReplicaSet,
`OnDelete`), the replacement would be another program.

| kind                                | unfinished rollout                                       |
| ----------------------------------- | -------------------------------------------------------- |
| any                                 | the controller has not seen the newest spec              |
| Deployment                          | pods of several ReplicaSets                              |
| StatefulSet, DaemonSet              | not all pods (above the partition) are of the new one    |

| kind                                | moved on                                                   |
| ----------------------------------- | ---------------------------------------------------------- |
| StatefulSet, DaemonSet (`OnDelete`) | a pod is not of the newest revision                        |
| ReplicationController, ReplicaSet   | the template is not contained in the pod, see preflight.py |
"""

from collections.abc import Sequence

from kube import objects
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View

_GENERATION_LABEL = "pod-template-generation"
_GENERATION = "deprecated.daemonset.template.generation"
_REVISION_LABEL = "controller-revision-hash"
_SET_REVISION = "deployment.kubernetes.io/revision"


def unfinished(view: View) -> str | None:
    """What is not finished; None where no rollout runs. Less than all available is no rollout."""
    owner = view.owner
    if owner is None:
        return None
    if owner.status.observed_generation < owner.metadata.generation:
        return "the newest spec has not been taken up yet"
    if view.workload.kind == "Deployment":
        return several_sets(view)
    if owner.spec.update_strategy.type == "OnDelete":
        return None
    if view.workload.kind == "StatefulSet":
        return _stateful(view, owner)
    if view.workload.kind == "DaemonSet" and (old := _of_old_generation(view.pods, owner)):
        return f"{old} pods are of an older template"
    return None


def moved_on(view: View, pods: Sequence[objects.Pod]) -> str | None:
    """Why one of `pods` would come back as something else; None where it would not."""
    owner = view.owner
    if owner is None or owner.spec.update_strategy.type != "OnDelete":
        return None
    if view.workload.kind == "StatefulSet":
        old = [p for p in pods if _label(p, _REVISION_LABEL) != owner.status.update_revision]
        return f"{len(old)} pods are of an older template (OnDelete)" if old else None
    old_count = _of_old_generation(pods, owner)
    return f"{old_count} pods are of an older template (OnDelete)" if old_count else None


def newest(view: View) -> tuple[PodState, ...]:
    """The pods of the newest template, oldest first; all of them where nothing tells."""
    return tuple(s for s in view.states if _of_newest(view, s.pod)) or view.states


def _of_newest(view: View, pod: objects.Pod) -> bool:
    owner = view.owner
    if owner is None:
        return False
    if view.workload.kind == "Deployment" and view.replica_sets:
        controller = pod.metadata.controller()
        newest = max(view.replica_sets, key=set_revision).metadata.uid
        return controller is not None and controller.uid == newest
    if view.workload.kind == "StatefulSet":
        return _label(pod, _REVISION_LABEL) == owner.status.update_revision
    return view.workload.kind == "DaemonSet" and not _of_old_generation([pod], owner)


def set_revision(found: objects.Owner) -> tuple[int, str]:
    """A rollback gives an old ReplicaSet the highest number again."""
    told = found.metadata.annotation(_SET_REVISION) or ""
    number = int(told) if told.isascii() and told.isdigit() else 0
    return number, found.metadata.creation_timestamp or ""


def several_sets(view: View) -> str | None:
    """How many ReplicaSets of a Deployment have pods, or want some, where it is more than one."""
    with_pods = {r.uid for p in view.pods if (r := p.metadata.controller())}
    if len(with_pods) > 1:
        return f"pods of {len(with_pods)} ReplicaSets"
    wanted = [s for s in view.replica_sets if s.spec.replicas]
    if len(wanted) > 1:
        return f"{len(wanted)} ReplicaSets want pods"
    return None


def _stateful(view: View, owner: objects.Owner) -> str | None:
    rolling = owner.spec.update_strategy.rolling_update
    partition = (rolling.partition or 0) if rolling else 0
    old = [
        p
        for p in view.pods
        if ordinal(p) >= partition and _label(p, _REVISION_LABEL) != owner.status.update_revision
    ]
    return f"{len(old)} pods are of an older template" if old else None


def _of_old_generation(pods: Sequence[objects.Pod], owner: objects.Owner) -> int:
    newest = owner.metadata.annotation(_GENERATION) or ""
    return sum(_label(p, _GENERATION_LABEL) != newest for p in pods)


def ordinal(pod: objects.Pod) -> int:
    """The number at the end of a StatefulSet's pod's name; -1 where there is none."""
    digits = pod.metadata.name.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else -1


def in_turn(view: View, pods: Sequence[objects.Pod]) -> list[objects.Pod]:
    """The order in which they are taken: of a StatefulSet from the last ordinal, as its own
    controller does; else as they are, oldest first."""
    if view.workload.kind == "StatefulSet":
        return sorted(pods, key=ordinal, reverse=True)
    return list(pods)


def _label(pod: objects.Pod, name: str) -> str:
    return (pod.metadata.labels or {}).get(name, "")
