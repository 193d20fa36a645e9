"""Is a rollout unfinished, or has the template changed since the pods were created? Pure.

Replacing a pod must change its resources and nothing else. During a rollout the owner is already
replacing pods. Where the template changed without a rollout (ReplicationController, bare
ReplicaSet, `OnDelete`), the replacement would be another program.

| kind                                | the rollout is unfinished while                            |
| ----------------------------------- | ---------------------------------------------------------- |
| any                                 | the controller has not observed the newest generation      |
| Deployment                          | several ReplicaSets have pods that are not terminating     |
| StatefulSet, DaemonSet              | a pod (at or above the partition) is of an older template  |

| kind                                | the template has changed if                                |
| ----------------------------------- | ---------------------------------------------------------- |
| StatefulSet, DaemonSet (`OnDelete`) | a pod is not of the newest revision                        |
| ReplicationController, ReplicaSet   | the pod does not match the template, see preflight.py      |
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
    """What is unfinished; None: no rollout is in progress. Unavailability alone is none."""
    owner = view.owner
    if owner is None:
        return None
    if owner.status.observed_generation < owner.metadata.generation:
        return "the controller has not observed the newest spec yet"
    if view.workload.kind == "Deployment":
        return several_sets(view)
    if owner.spec.update_strategy.type == "OnDelete":
        return None
    if view.workload.kind == "StatefulSet":
        return _stateful(view, owner)
    if view.workload.kind == "DaemonSet" and (old := _of_old_generation(view.pods, owner)):
        return f"{old} pods are of an older template"
    return None


def template_changed(view: View, pods: Sequence[objects.Pod]) -> str | None:
    """Why a replacement of one of `pods` would be another program; None: it would be the same."""
    owner = view.owner
    if owner is None or owner.spec.update_strategy.type != "OnDelete":
        return None
    if view.workload.kind == "StatefulSet":
        old = [p for p in pods if _label(p, _REVISION_LABEL) != owner.status.update_revision]
        return f"{len(old)} pods are of an older template (OnDelete)" if old else None
    old_count = _of_old_generation(pods, owner)
    return f"{old_count} pods are of an older template (OnDelete)" if old_count else None


def newest(view: View) -> tuple[PodState, ...]:
    """The pods of the newest template, oldest first; all pods if that cannot be determined."""
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
    """The Deployment's revision of a ReplicaSet, as a sort key: the highest is the current one.

    `kubectl rollout undo` gives an old ReplicaSet the highest number again.
    """
    text = found.metadata.annotation(_SET_REVISION) or ""
    number = int(text) if text.isascii() and text.isdigit() else 0
    return number, found.metadata.creation_timestamp or ""


def several_sets(view: View) -> str | None:
    """A message if several ReplicaSets of the Deployment have pods, or should have; else None."""
    pods = (p for p in view.pods if not p.metadata.deletion_timestamp)
    with_pods = {r.uid for p in pods if (r := p.metadata.controller())}
    if len(with_pods) > 1:
        return f"pods of {len(with_pods)} ReplicaSets"
    scaled = [s for s in view.replica_sets if s.spec.replicas]
    if len(scaled) > 1:
        return f"{len(scaled)} ReplicaSets are scaled above 0"
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
    """The ordinal of a StatefulSet's pod; -1 if its name does not end in one."""
    digits = pod.metadata.name.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else -1


def in_order(view: View, pods: Sequence[objects.Pod]) -> list[objects.Pod]:
    """The pods in the order in which they are replaced.

    A StatefulSet's highest ordinal first, as its own controller does; otherwise as given.
    """
    if view.workload.kind == "StatefulSet":
        return sorted(pods, key=ordinal, reverse=True)
    return list(pods)


def _label(pod: objects.Pod, name: str) -> str:
    return (pod.metadata.labels or {}).get(name, "")
