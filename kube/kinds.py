"""Every kind of object that is read or written: its API version, and where the server keeps it.

The one table of them. What is read of an object: `kube.objects`. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind; `plural` is its name in a path."""

    name: str
    api_version: str
    plural: str

    def path(self, namespace: str = "", *rest: str) -> str:
        """Where the objects are: all of them, or a namespace's.

        `rest`: one object's name, then what lies under it (`status`, `eviction`).
        """
        root = "/apis" if "/" in self.api_version else "/api"
        within = ("namespaces", namespace) if namespace else ()
        return "/".join((root, self.api_version, *within, self.plural, *rest))


POD = Kind("Pod", "v1", "pods")
NAMESPACE = Kind("Namespace", "v1", "namespaces")
NODE = Kind("Node", "v1", "nodes")
LIMIT_RANGE = Kind("LimitRange", "v1", "limitranges")
RESOURCE_QUOTA = Kind("ResourceQuota", "v1", "resourcequotas")
VOLUME_CLAIM = Kind("PersistentVolumeClaim", "v1", "persistentvolumeclaims")
SERVICE = Kind("Service", "v1", "services")
SECRET = Kind("Secret", "v1", "secrets")
SERVICE_ACCOUNT = Kind("ServiceAccount", "v1", "serviceaccounts")
PRIORITY_CLASS = Kind("PriorityClass", "scheduling.k8s.io/v1", "priorityclasses")
RUNTIME_CLASS = Kind("RuntimeClass", "node.k8s.io/v1", "runtimeclasses")

REPLICATION_CONTROLLER = Kind("ReplicationController", "v1", "replicationcontrollers")
REPLICA_SET = Kind("ReplicaSet", "apps/v1", "replicasets")
DEPLOYMENT = Kind("Deployment", "apps/v1", "deployments")
STATEFUL_SET = Kind("StatefulSet", "apps/v1", "statefulsets")
DAEMON_SET = Kind("DaemonSet", "apps/v1", "daemonsets")

JOB = Kind("Job", "batch/v1", "jobs")
CRON_JOB = Kind("CronJob", "batch/v1", "cronjobs")

HORIZONTAL_AUTOSCALER = Kind(
    "HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers"
)
VERTICAL_AUTOSCALER = Kind(
    "VerticalPodAutoscaler", "autoscaling.k8s.io/v1", "verticalpodautoscalers"
)
"""Not of Kubernetes itself: most clusters have no such kind."""

ENDPOINT_SLICE = Kind("EndpointSlice", "discovery.k8s.io/v1", "endpointslices")
NETWORK_POLICY = Kind("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies")
EVENT = Kind("Event", "events.k8s.io/v1", "events")
LEASE = Kind("Lease", "coordination.k8s.io/v1", "leases")
POD_METRICS = Kind("PodMetrics", "metrics.k8s.io/v1beta1", "pods")
WEBHOOK_CONFIGURATION = Kind(
    "MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1",
    "mutatingwebhookconfigurations",
)
DISRUPTION_BUDGET = Kind("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets")
REFUSING_WEBHOOKS = Kind(
    "ValidatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1",
    "validatingwebhookconfigurations",
)
ADMISSION_POLICY = Kind(
    "ValidatingAdmissionPolicy", "admissionregistration.k8s.io/v1", "validatingadmissionpolicies"
)
ADMISSION_BINDING = Kind(
    "ValidatingAdmissionPolicyBinding",
    "admissionregistration.k8s.io/v1",
    "validatingadmissionpolicybindings",
)

OWNERS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (REPLICATION_CONTROLLER, REPLICA_SET, DEPLOYMENT, STATEFUL_SET, DAEMON_SET)
}
"""The kinds whose pods come back by themselves, by name."""
