"""Only the fields that we use, as typed structs decoded straight from the API server's bytes.

Unknown fields are skipped while decoding, which keeps thousands of pods within a few megabytes.
Quantities stay as the server sent them (text or number) and become integers through `kube.quantity`
where they are used. A field that is absent or null has an empty default, never an invented value.
"""

from __future__ import annotations

import msgspec

from kube.quantity import Quantity

Quantities = dict[str, Quantity]
Key = tuple[str, str]  # namespace and name


class _Object(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    pass


class OwnerReference(_Object, frozen=True):
    kind: str
    name: str
    uid: str
    api_version: str = "v1"
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class Meta(_Object, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None

    def annotation(self, name: str) -> str | None:
        """The annotation's value, or None where it is not set."""
        return (self.annotations or {}).get(name)

    def controller(self) -> OwnerReference | None:
        """The owner reference of the object's controller, if any."""
        return next((r for r in self.owner_references or () if r.controller), None)


class Requirements(_Object, frozen=True):
    requests: Quantities | None = None
    limits: Quantities | None = None
    claims: list[dict[str, str]] | None = None


class Port(_Object, frozen=True):
    host_port: int = 0


class Container(_Object, frozen=True):
    name: str
    image: str = ""
    resources: Requirements = Requirements()
    restart_policy: str | None = None
    ports: list[Port] | None = None


class Toleration(_Object, frozen=True):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""


class Volume(_Object, frozen=True):
    name: str = ""
    persistent_volume_claim: dict[str, object] | None = None
    host_path: dict[str, object] | None = None
    ephemeral: dict[str, object] | None = None


class Affinity(_Object, frozen=True):
    """Node affinity in full (the fit check reads it); of the others only whether they are set."""

    node_affinity: dict[str, object] | None = None
    pod_affinity: dict[str, object] | None = None
    pod_anti_affinity: dict[str, object] | None = None


class PodSpec(_Object, frozen=True, gc=True, dict=True):
    containers: list[Container] = []
    init_containers: list[Container] | None = None
    node_name: str | None = None
    node_selector: dict[str, str] | None = None
    tolerations: list[Toleration] | None = None
    affinity: Affinity | None = None
    overhead: Quantities | None = None
    resources: Requirements | None = None
    volumes: list[Volume] | None = None
    topology_spread_constraints: list[dict[str, object]] | None = None
    host_network: bool | None = None
    priority: int | None = None
    priority_class_name: str = ""
    active_deadline_seconds: int | None = None
    os: dict[str, str] | None = None
    termination_grace_period_seconds: int | None = None


class Condition(_Object, frozen=True):
    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None


class Running(_Object, frozen=True):
    started_at: str | None = None


class Waiting(_Object, frozen=True):
    reason: str = ""
    message: str = ""


class Terminated(_Object, frozen=True):
    reason: str = ""
    exit_code: int = 0
    finished_at: str | None = None


class ContainerState(_Object, frozen=True):
    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(_Object, frozen=True):
    name: str
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class PodStatus(_Object, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    qos_class: str = ""


class Pod(_Object, frozen=True, gc=True, dict=True):
    metadata: Meta
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type, if the pod has it."""
        return next((c for c in self.status.conditions or () if c.type == kind), None)

    @property
    def ready(self) -> bool:
        """True where the kubelet reports Ready and the pod is not terminating."""
        ready = self.condition("Ready")
        return ready is not None and ready.status == "True" and not self.metadata.deletion_timestamp


class Template(_Object, frozen=True):
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()


class RollingUpdate(_Object, frozen=True):
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None
    partition: int | None = None


class Strategy(_Object, frozen=True):
    type: str = ""
    rolling_update: RollingUpdate | None = None


class OwnerSpec(_Object, frozen=True):
    replicas: int | None = None
    template: Template = Template()
    strategy: Strategy = Strategy()
    update_strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    paused: bool = False
    revision_history_limit: int | None = None


class OwnerStatus(_Object, frozen=True):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    conditions: list[Condition] | None = None


class Owner(_Object, frozen=True):
    """A ReplicationController, ReplicaSet, Deployment, StatefulSet or DaemonSet.

    One struct for all five: their fields overlap, and the watch that delivered it knows its kind.
    """

    metadata: Meta
    spec: OwnerSpec = OwnerSpec()
    status: OwnerStatus = OwnerStatus()


class Taint(_Object, frozen=True):
    key: str
    effect: str
    value: str = ""


class NodeSpec(_Object, frozen=True):
    taints: list[Taint] | None = None
    unschedulable: bool = False


class Address(_Object, frozen=True):
    type: str
    address: str


class DaemonEndpoint(_Object, frozen=True):
    port: int = msgspec.field(default=10250, name="Port")


class DaemonEndpoints(_Object, frozen=True):
    kubelet_endpoint: DaemonEndpoint = DaemonEndpoint()


class NodeStatus(_Object, frozen=True):
    allocatable: Quantities | None = None
    addresses: list[Address] | None = None
    conditions: list[Condition] | None = None
    daemon_endpoints: DaemonEndpoints = DaemonEndpoints()


class Node(_Object, frozen=True, gc=True, dict=True):
    metadata: Meta
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class LimitRangeItem(_Object, frozen=True):
    type: str
    min: Quantities | None = None
    max: Quantities | None = None
    default: Quantities | None = None
    default_request: Quantities | None = None
    max_limit_request_ratio: Quantities | None = None


class LimitRangeSpec(_Object, frozen=True):
    limits: list[LimitRangeItem] = []


class LimitRange(_Object, frozen=True):
    metadata: Meta
    spec: LimitRangeSpec = LimitRangeSpec()


class ScopeRequirement(_Object, frozen=True):
    scope_name: str
    operator: str = "Exists"
    values: list[str] | None = None


class ScopeSelector(_Object, frozen=True):
    match_expressions: list[ScopeRequirement] | None = None


class ResourceQuotaSpec(_Object, frozen=True):
    hard: Quantities | None = None
    scopes: list[str] | None = None
    scope_selector: ScopeSelector | None = None


class ResourceQuota(_Object, frozen=True):
    """Usage is counted from the pods themselves: the quota's status lags behind them."""

    metadata: Meta
    spec: ResourceQuotaSpec = ResourceQuotaSpec()


class Target(_Object, frozen=True):
    """The object that an autoscaler scales."""

    kind: str
    name: str
    api_version: str = ""


class ScaledResource(_Object, frozen=True):
    name: str
    container: str = ""


class Metric(_Object, frozen=True):
    type: str = ""
    resource: ScaledResource | None = None
    container_resource: ScaledResource | None = None


class HorizontalSpec(_Object, frozen=True):
    scale_target_ref: Target
    metrics: list[Metric] | None = None


class HorizontalAutoscaler(_Object, frozen=True):
    metadata: Meta
    spec: HorizontalSpec


class UpdatePolicy(_Object, frozen=True):
    update_mode: str | None = None


class VerticalSpec(_Object, frozen=True):
    target_ref: Target | None = None
    update_policy: UpdatePolicy | None = None


class VerticalAutoscaler(_Object, frozen=True):
    metadata: Meta
    spec: VerticalSpec = VerticalSpec()


class ClaimSpec(_Object, frozen=True):
    access_modes: list[str] = []


class Claim(_Object, frozen=True):
    """A PersistentVolumeClaim."""

    metadata: Meta
    spec: ClaimSpec = ClaimSpec()


class Namespace(_Object, frozen=True):
    metadata: Meta
