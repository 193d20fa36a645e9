"""Only the fields that we use, as typed structs decoded straight from the API server's bytes.

Unknown fields are skipped while decoding, which keeps thousands of pods within a few megabytes.
Quantities stay as the server sent them (text or number) and become integers through `kube.quantity`
where they are used. A field that is absent or null has an empty default, never an invented value.

One module for each API group (two for v1); what others read by name is public here.
"""

from kube.objects.apps import Owner
from kube.objects.autoscaling import HorizontalAutoscaler, Metric, Target, VerticalAutoscaler
from kube.objects.batch import CronJob, Job
from kube.objects.core import (
    Address,
    Claim,
    ClaimSpec,
    ClaimStatus,
    DaemonEndpoint,
    DaemonEndpoints,
    LimitRange,
    LimitRangeItem,
    Namespace,
    Node,
    NodeInfo,
    NodeMeta,
    NodeStatus,
    ResourceQuota,
    ScopeRequirement,
    Taint,
)
from kube.objects.meta import (
    Condition,
    Key,
    ManagedFields,
    Meta,
    OwnerReference,
    Quantities,
)
from kube.objects.pods import (
    Affinity,
    Container,
    ContainerStatus,
    Pod,
    PodSpec,
    PodStatus,
    Requirements,
    ResizePolicy,
    Terminated,
    Toleration,
    Volume,
    Waiting,
)
from kube.objects.policy import Budget, BudgetStatus, Rule

__all__ = [
    "Address",
    "Affinity",
    "Budget",
    "BudgetStatus",
    "Claim",
    "ClaimSpec",
    "ClaimStatus",
    "Condition",
    "Container",
    "ContainerStatus",
    "CronJob",
    "DaemonEndpoint",
    "DaemonEndpoints",
    "HorizontalAutoscaler",
    "Job",
    "Key",
    "LimitRange",
    "LimitRangeItem",
    "ManagedFields",
    "Meta",
    "Metric",
    "Namespace",
    "Node",
    "NodeInfo",
    "NodeMeta",
    "NodeStatus",
    "Owner",
    "OwnerReference",
    "Pod",
    "PodSpec",
    "PodStatus",
    "Quantities",
    "Requirements",
    "ResizePolicy",
    "ResourceQuota",
    "Rule",
    "ScopeRequirement",
    "Taint",
    "Target",
    "Terminated",
    "Toleration",
    "VerticalAutoscaler",
    "Volume",
    "Waiting",
]
