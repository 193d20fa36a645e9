"""API group v1: nodes, namespaces, and what bounds or binds the pods in them."""

from __future__ import annotations

import msgspec

from kube.objects.meta import Condition, ManagedFields, Meta, Object, Quantities


class Taint(Object, frozen=True):
    key: str
    effect: str
    value: str = ""


class NodeSpec(Object, frozen=True):
    taints: list[Taint] | None = None
    unschedulable: bool = False


class Address(Object, frozen=True):
    type: str
    address: str


class DaemonEndpoint(Object, frozen=True):
    port: int = msgspec.field(default=10250, name="Port")


class DaemonEndpoints(Object, frozen=True):
    kubelet_endpoint: DaemonEndpoint = DaemonEndpoint()


class NodeInfo(Object, frozen=True):
    architecture: str = ""


class NodeStatus(Object, frozen=True):
    allocatable: Quantities | None = None
    addresses: list[Address] | None = None
    conditions: list[Condition] | None = None
    daemon_endpoints: DaemonEndpoints = DaemonEndpoints()
    node_info: NodeInfo = NodeInfo()


class ClassLabel(Object, frozen=True):
    """Whether a manager has written the label of the node's kind (store/node_class.py)."""

    written: dict[str, object] | None = msgspec.field(
        default=None, name="f:podtailor.io/node-class"
    )


class ManagedLabels(Object, frozen=True):
    labels: ClassLabel = msgspec.field(default=ClassLabel(), name="f:labels")


class ManagedMeta(Object, frozen=True):
    metadata: ManagedLabels = msgspec.field(default=ManagedLabels(), name="f:metadata")


class NodeFields(ManagedFields, frozen=True):
    """Who wrote to a node; of its fields, the one label of which the time counts."""

    fields: ManagedMeta = msgspec.field(default=ManagedMeta(), name="fieldsV1")


class NodeMeta(Meta, frozen=True):
    managed_fields: list[NodeFields] | None = None  # type: ignore[assignment]  # a frozen list


class Node(Object, frozen=True, gc=True, dict=True):
    metadata: NodeMeta
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class LimitRangeItem(Object, frozen=True):
    type: str
    min: Quantities | None = None
    max: Quantities | None = None
    default: Quantities | None = None
    default_request: Quantities | None = None
    max_limit_request_ratio: Quantities | None = None


class LimitRangeSpec(Object, frozen=True):
    limits: list[LimitRangeItem] = []


class LimitRange(Object, frozen=True):
    metadata: Meta
    spec: LimitRangeSpec = LimitRangeSpec()


class ScopeRequirement(Object, frozen=True):
    scope_name: str
    operator: str = "Exists"
    values: list[str] | None = None


class ScopeSelector(Object, frozen=True):
    match_expressions: list[ScopeRequirement] | None = None


class ResourceQuotaSpec(Object, frozen=True):
    hard: Quantities | None = None
    scopes: list[str] | None = None
    scope_selector: ScopeSelector | None = None


class ResourceQuota(Object, frozen=True):
    """Usage is counted from the pods themselves: the quota's status lags behind them."""

    metadata: Meta
    spec: ResourceQuotaSpec = ResourceQuotaSpec()


class ClaimSpec(Object, frozen=True):
    access_modes: list[str] = []


class ClaimStatus(Object, frozen=True):
    phase: str = ""


class Claim(Object, frozen=True):
    """A PersistentVolumeClaim."""

    metadata: Meta
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()


class Namespace(Object, frozen=True):
    metadata: Meta
