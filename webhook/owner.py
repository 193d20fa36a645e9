"""From a new pod to the workloads under which its size may be stored.

Only the pod itself is available: a call to the API server while serving would make every pod
creation wait for it. The ReplicaSet of a Deployment is recognised by its name, which ends in the
value of the `pod-template-hash` label that the Deployment gave both. That is the only guess.

| the pod's controller                              | workload                             |
| ------------------------------------------------- | ------------------------------------ |
| v1 ReplicationController                          | itself                               |
| apps/v1 StatefulSet, DaemonSet                    | itself                               |
| apps/v1 ReplicaSet NAME-HASH, label HASH on the   | Deployment NAME, else the ReplicaSet |
| pod                                               | (which may be orphaned)              |
| apps/v1 ReplicaSet, otherwise                     | itself                               |
| Job, a custom resource, another group, PodSize    | none                                 |
| none (a reference that does not control, or bare) | none                                 |
"""

from kube.kinds import DEPLOYMENT, OWNERS
from store.model import Workload
from webhook.review import Pod

HASH_LABEL = "pod-template-hash"
_KNOWN = {(k.api_version, k.name) for k in OWNERS.values() if k != DEPLOYMENT}
"""A Deployment makes ReplicaSets: no pod is its own."""


def workloads_of(pod: Pod, namespace: str) -> tuple[Workload, ...]:
    """The workloads that may own the pod, most likely first; empty if none of a supported kind."""
    controller = next((r for r in pod.metadata.owner_references or () if r.controller), None)
    if controller is None or (controller.api_version, controller.kind) not in _KNOWN:
        return ()
    itself = Workload(controller.api_version, controller.kind, namespace, controller.name)
    if controller.kind != "ReplicaSet":
        return (itself,)
    suffix = f"-{(pod.metadata.labels or {}).get(HASH_LABEL, '')}"
    name = controller.name.removesuffix(suffix)
    if suffix == "-" or name in ("", controller.name):
        return (itself,)
    return Workload(DEPLOYMENT.api_version, DEPLOYMENT.name, namespace, name), itself
