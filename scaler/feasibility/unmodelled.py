"""Pods of which only the scheduler knows where else they could be: no guesses. Pure.

Where a pod is now is known to be right: once it is gone, its own node has all that it needs, unless
the right column says otherwise.

| property of the pod       | why other nodes are not known   | its own node is right           |
| ------------------------- | ------------------------------- | ------------------------------- |
| persistent volume claims  | volumes are bound to zones and  | while the claim exists, is      |
|                           | nodes                           | bound and not being deleted     |
| ephemeral volumes         | the same; a new one is made     | not known either                |
| resource claims           | allocated by other components   | always: what it used is free    |

Affinity between pods and topology spread: inter_pod.py. Devices: pod_requests.py.
"""

from collections.abc import Iterator, Mapping

from kube import objects
from kube.memo import once

Claims = Mapping[objects.Key, objects.Claim]


@once
def elsewhere(pod: objects.Pod) -> str | None:
    """The first property because of which only the pod's own node is known; None: there is none."""
    return next(_reasons(pod.spec), None)


def at_home(pod: objects.Pod, claims: Claims) -> str | None:
    """Why not even its own node is known to be right once the pod is gone; None: it is."""
    for volume in pod.spec.volumes or ():
        if volume.ephemeral is not None:
            return f"the ephemeral volume {volume.name}"
        if (name := claim_of(volume)) is None:
            continue
        claim = claims.get((pod.metadata.namespace, name))
        if claim is None:
            return f"the persistent volume claim {name}, which is not there"
        if claim.metadata.deletion_timestamp:
            return f"the persistent volume claim {name}, which is being deleted"
        if claim.status.phase != "Bound":
            return f"the persistent volume claim {name}, which is {claim.status.phase or 'unbound'}"
    return None


def claim_of(volume: objects.Volume) -> str | None:
    """The name of the volume's persistent volume claim."""
    name = (volume.persistent_volume_claim or {}).get("claimName")
    return None if name is None else str(name)


def _reasons(spec: objects.PodSpec) -> Iterator[str]:
    for volume in spec.volumes or ():
        if volume.persistent_volume_claim is not None:
            yield f"the persistent volume claim of volume {volume.name}"
        if volume.ephemeral is not None:
            yield f"the ephemeral volume {volume.name}"
    every = (*spec.containers, *(spec.init_containers or ()))
    if spec.resource_claims or any(c.resources.claims for c in every):
        yield "a resource claim"
