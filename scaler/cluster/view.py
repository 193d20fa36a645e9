"""One workload in one cycle: its object, its pods, its PodSize, its settings. Pure.

Built in views.py, and reused while all of these are the same objects, with everything that was
computed from them.
"""

from contextlib import suppress

from msgspec import Struct

from kube import objects
from kube.memo import computed_once
from scaler.annotations.options import BadAnnotation, Mode, Settings, Strategy
from scaler.cluster import pod_class, pod_state
from scaler.cluster.autoscalers import NOBODY, Others
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.pod_state import PodState
from store.injection import inject
from store.model import PodSize, Sizes, Status, StoredSize, Workload
from store.node_classes import NodeClasses

_EMPTY = Status()


class View(Struct, frozen=True, dict=True):
    """One workload; `pods` are its active pods, oldest first."""

    workload: Workload
    owner: objects.Owner | None
    settings: Settings | BadAnnotation | None
    podsize: PodSize | None
    pods: tuple[objects.Pod, ...] = ()
    replica_sets: tuple[objects.Owner, ...] = ()
    limit_ranges: tuple[objects.LimitRange, ...] = ()
    others: Others = NOBODY
    foreign: str | None = None
    """The controller of a ReplicaSet or ReplicationController, which makes another instead of it; a
    Deployment is none."""
    namespace_goes: bool = False
    """Whether its namespace is being deleted."""
    held: tuple[objects.Pod, ...] = ()
    """Held pods: their controller is the workload's PodSize, see held_pod.py."""
    failed: tuple[objects.Pod, ...] = ()
    """The newest few that their kubelet refused or ended, see rejected_pods.py."""
    nodes: NodeClasses | None = None
    """The kinds of node, where its sizes are by kind of node."""

    @computed_once
    def states(self) -> tuple[PodState, ...]:
        """Each of `pods`, compared with the stored size. Raises ValueError, see `pod_state.of`.

        Computed once per view: a new pod or another size makes a new view.
        """
        return tuple(self.compared(p, self.size) for p in self.pods)

    def compared(self, pod: objects.Pod, size: StoredSize | None) -> PodState:
        """A pod compared with what it should have by a size. Raises ValueError, as `states`."""
        if self.nodes is None:
            return pod_state.of(pod, size, self.min_ready)
        resizes = isinstance(self.settings, Settings) and (
            self.settings.strategy is Strategy.RESIZE
        )
        return pod_class.compared(pod, size, self.nodes, self.min_ready, resizes=resizes)

    def class_of(self, pod: objects.Pod) -> str | None:
        """The kind of node that the pod's size is for; None: the default."""
        return self.compared(pod, self.size).node_class if self.nodes is not None else None

    def gives(self, pod: objects.Pod) -> Sizes:
        """What the webhook makes of a new pod like this one, by the stored size."""
        if self.nodes is None:
            return inject(self.size, came_with(pod))
        return pod_class.given(pod, self.size, self.nodes)

    @property
    def enrolled(self) -> bool:
        """Whether usage is read of its pods: unless it is `off`, or asks for what nobody knows."""
        return isinstance(self.settings, Settings) and self.settings.mode is not Mode.OFF

    @computed_once
    def not_terminating(self) -> tuple[PodState, ...]:
        """The states of the pods that are not terminating."""
        return tuple(s for s in self.states if not s.terminating)

    @computed_once
    def terminating(self) -> tuple[PodState, ...]:
        """The states of the others."""
        return tuple(s for s in self.states if s.terminating)

    @computed_once
    def differing(self) -> tuple[PodState, ...]:
        """Those of `not_terminating` that do not have exactly the stored values."""
        return tuple(s for s in self.not_terminating if not s.current)

    @computed_once
    def unready(self) -> tuple[PodState, ...]:
        """Those of `not_terminating` that are not Ready."""
        return tuple(s for s in self.not_terminating if not s.ready)

    def after(self, before: "View") -> "View":
        """This view, reusing the states that `before` has of unchanged pods."""
        same = self.size == before.size and self.min_ready == before.min_ready
        same = same and self.nodes == before.nodes
        if not same or "states" not in vars(before):
            return self
        known = {id(s.pod): s for s in before.states}
        with suppress(ValueError):  # raised again when somebody reads `states`
            vars(self)["states"] = tuple(
                known.get(id(p)) or self.compared(p, self.size) for p in self.pods
            )
        return self

    @property
    def min_ready(self) -> int:
        """`minReadySeconds`, for which a pod has to be Ready before it counts as available."""
        return self.owner.spec.min_ready_seconds if self.owner else 0

    @property
    def status(self) -> Status:
        """The PodSize's status; an empty one if there is no PodSize."""
        return self.podsize.status if self.podsize else _EMPTY

    @property
    def size(self) -> StoredSize | None:
        """The stored size."""
        return self.status.size

    @property
    def template(self) -> objects.PodSpec:
        """The pod spec in the workload's manifest."""
        return self.owner.spec.template.spec if self.owner else objects.PodSpec()

    @property
    def desired_replicas(self) -> int:
        """How many pods the owner should have; of a DaemonSet: by its status."""
        if self.owner is None:
            return 0
        if self.workload.kind == "DaemonSet":
            return self.owner.status.desired_number_scheduled
        return 1 if self.owner.spec.replicas is None else self.owner.spec.replicas

    @property
    def next_revision(self) -> int:
        """Above every revision ever used; if the PodSize was deleted, the pods' stamps tell."""
        stamps = [s.revision or 0 for s in self.states]
        return 1 + max([self.status.highest_revision, *stamps])

    @property
    def controllers(self) -> frozenset[str]:
        """The UIDs that the workload's pods name as their controller."""
        if self.workload.kind == "Deployment":
            return frozenset(s.metadata.uid for s in self.replica_sets)
        return frozenset({self.owner.metadata.uid} if self.owner else ())
