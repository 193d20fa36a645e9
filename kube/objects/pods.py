"""API group v1: pods, and the template that an owner makes them from."""

from __future__ import annotations

import msgspec

from kube.objects.meta import Condition, Meta, Object, Quantities


class Requirements(Object, frozen=True):
    requests: Quantities | None = None
    limits: Quantities | None = None
    claims: list[dict[str, str]] | None = None


class Port(Object, frozen=True):
    host_port: int = 0
    protocol: str = "TCP"


class Probe(Object, frozen=True):
    """How long the kubelet lets a container fail before it restarts it, with the API's defaults."""

    initial_delay_seconds: int = 0
    period_seconds: int = 10
    failure_threshold: int = 3


class ResizePolicy(Object, frozen=True):
    resource_name: str = ""
    restart_policy: str = "NotRequired"


class Container(Object, frozen=True):
    name: str
    image: str = ""
    resources: Requirements = Requirements()
    restart_policy: str | None = None
    ports: list[Port] | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    resize_policy: list[ResizePolicy] | None = None


class Toleration(Object, frozen=True):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""


class Volume(Object, frozen=True):
    name: str = ""
    persistent_volume_claim: dict[str, object] | None = None
    host_path: dict[str, object] | None = None
    ephemeral: dict[str, object] | None = None


class Affinity(Object, frozen=True):
    """As written; node_filter.py and inter_pod.py read what of it is required."""

    node_affinity: dict[str, object] | None = None
    pod_affinity: dict[str, object] | None = None
    pod_anti_affinity: dict[str, object] | None = None


class Gate(Object, frozen=True, gc=False):
    name: str


class PodSpec(Object, frozen=True, gc=True, dict=True):
    containers: list[Container] = []
    init_containers: list[Container] | None = None
    ephemeral_containers: list[dict[str, object]] | None = None
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
    preemption_policy: str = ""
    resource_claims: list[dict[str, object]] | None = None
    priority_class_name: str = ""
    service_account_name: str = ""
    runtime_class_name: str = ""
    scheduling_gates: list[Gate] | None = None
    active_deadline_seconds: int | None = None
    os: dict[str, str] | None = None
    termination_grace_period_seconds: int | None = None


class Running(Object, frozen=True):
    started_at: str | None = None


class Waiting(Object, frozen=True):
    reason: str = ""
    message: str = ""


class Terminated(Object, frozen=True):
    reason: str = ""
    exit_code: int = 0
    started_at: str | None = None
    finished_at: str | None = None


class ContainerState(Object, frozen=True):
    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(Object, frozen=True):
    name: str
    container_id: str = msgspec.field(default="", name="containerID")
    """With the runtime's name before it, as `containerd://…`."""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
    resources: Requirements | None = None
    allocated_resources: Quantities | None = None


class PodStatus(Object, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    qos_class: str = ""
    start_time: str | None = None


class Pod(Object, frozen=True, gc=True, dict=True):
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


class Template(Object, frozen=True):
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()
