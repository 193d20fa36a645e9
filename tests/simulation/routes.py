"""Which path means which object: the part of the API server's REST conventions that is needed."""

from dataclasses import dataclass
from functools import lru_cache

from kube.errors import NotFound

APPS = "apps/v1"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object. `status`: it has a status subresource; `custom`: defined by a CRD."""

    plural: str
    kind: str
    api_version: str
    namespaced: bool = True
    status: bool = True
    generation: bool = False
    custom: bool = False


KINDS = {
    k.plural: k
    for k in (
        Kind("namespaces", "Namespace", "v1", namespaced=False),
        Kind("nodes", "Node", "v1", namespaced=False),
        Kind("pods", "Pod", "v1"),
        Kind("limitranges", "LimitRange", "v1", status=False),
        Kind("resourcequotas", "ResourceQuota", "v1"),
        Kind("horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling/v2"),
        Kind("verticalpodautoscalers", "VerticalPodAutoscaler", "autoscaling.k8s.io/v1"),
        Kind("jobs", "Job", "batch/v1"),
        Kind("cronjobs", "CronJob", "batch/v1"),
        Kind("persistentvolumeclaims", "PersistentVolumeClaim", "v1"),
        Kind("services", "Service", "v1", status=False),
        Kind("endpointslices", "EndpointSlice", "discovery.k8s.io/v1", status=False),
        Kind("networkpolicies", "NetworkPolicy", "networking.k8s.io/v1", status=False),
        Kind("configmaps", "ConfigMap", "v1", status=False),
        Kind("replicationcontrollers", "ReplicationController", "v1", generation=True),
        Kind("replicasets", "ReplicaSet", APPS, generation=True),
        Kind("deployments", "Deployment", APPS, generation=True),
        Kind("statefulsets", "StatefulSet", APPS, generation=True),
        Kind("daemonsets", "DaemonSet", APPS, generation=True),
        Kind("poddisruptionbudgets", "PodDisruptionBudget", "policy/v1", generation=True),
        *(
            Kind(name.lower() + "s", name, "admissionregistration.k8s.io/v1", False, False, True)
            for name in (
                *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
                "ValidatingAdmissionPolicyBinding",
            )
        ),
        Kind(
            "validatingadmissionpolicies",
            "ValidatingAdmissionPolicy",
            "admissionregistration.k8s.io/v1",
            namespaced=False,
            generation=True,
        ),
        Kind("events", "Event", "events.k8s.io/v1", status=False),
        Kind("podsizes", "PodSize", "podtailor.io/v1alpha1", generation=True, custom=True),
    )
}
OWNERS = {
    "ReplicationController": "replicationcontrollers",
    "ReplicaSet": "replicasets",
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
    "PodSize": "podsizes",
    "ConfigMap": "configmaps",
}
"""Plurals of the kinds that owner references in the model may name."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path, taken apart. `name` "": the collection; `namespace` "": all of them."""

    kind: Kind
    namespace: str
    name: str
    sub: str

    @property
    def key(self) -> tuple[str, str]:
        """The object's key."""
        return self.namespace, self.name


@lru_cache(maxsize=4096)
def route(path: str) -> Route:
    """The path's parts. Raises NotFound where the server has no such path."""
    parts = path.strip("/").split("/")
    rest = parts[2:] if parts[0] == "api" else parts[3:]
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    kind = KINDS.get(rest[0]) if rest else None
    if kind is None:
        raise NotFound(404, "NotFound", "the server could not find the requested resource")
    named = [*rest[1:], "", ""]
    return Route(kind, namespace, named[0], named[1])


def path_of(plural: str, namespace: str, name: str = "", sub: str = "") -> str:
    """The inverse: the path of an object."""
    kind = KINDS[plural]
    root = "/api/v1" if kind.api_version == "v1" else f"/apis/{kind.api_version}"
    within = f"/namespaces/{namespace}" if namespace and kind.namespaced else ""
    return root + within + "".join(f"/{part}" for part in (plural, name, sub) if part)
