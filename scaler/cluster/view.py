"""One workload as one cycle sees it: its object, its pods, its PodSize, its settings. Pure.

Built in views.py, and kept while all that it is made of is the same: what was found out about it
holds as long.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from kube import objects
from scaler.annotations.options import BadAnnotation, Settings
from scaler.cluster import pod_state
from scaler.cluster.autoscalers import NOBODY, Others
from scaler.cluster.pod_state import PodState
from store.model import PodSize, Status, StoredSize, Workload

_NOTHING_SAID = Status()


@dataclass(frozen=True)
class View:
    """One workload; `pods` are those that run or will run, oldest first."""

    workload: Workload
    owner: objects.Owner | None
    settings: Settings | BadAnnotation | None
    podsize: PodSize | None
    pods: tuple[objects.Pod, ...] = ()
    replica_sets: tuple[objects.Owner, ...] = ()
    limit_ranges: tuple[objects.LimitRange, ...] = ()
    others: Others = NOBODY
    foreign: bool = False
    """A ReplicaSet whose controller is not a Deployment: somebody else's to recreate."""
    held: tuple[objects.Pod, ...] = ()
    """Pods whose controller is the workload's PodSize: handed over, see held_pod.py."""

    @cached_property
    def states(self) -> tuple[PodState, ...]:
        """What each of `pods` is, against the stored size. Raises ValueError, see `pod_state.of`.

        Found once, and with the view: it is another view where a pod or the size is another.
        """
        return tuple(pod_state.of(p, self.size, self._min_ready) for p in self.pods)

    @cached_property
    def not_terminating(self) -> tuple[PodState, ...]:
        """The states of the pods that nobody has begun to delete."""
        return tuple(s for s in self.states if not s.terminating)

    @cached_property
    def differing(self) -> tuple[PodState, ...]:
        """Those of them that have not just what the store says."""
        return tuple(s for s in self.not_terminating if not s.current)

    @cached_property
    def unready(self) -> tuple[PodState, ...]:
        """Those of them that are not Ready."""
        return tuple(s for s in self.not_terminating if not s.ready)

    def after(self, before: "View") -> "View":
        """This view, with the states that `before` knows of pods which are the same as then."""
        same = self.size == before.size and self._min_ready == before._min_ready
        if not same or "states" not in vars(before):
            return self
        known = {id(s.pod): s for s in before.states}
        with suppress(ValueError):  # who asks for the states shall have the error
            vars(self)["states"] = tuple(
                known.get(id(p)) or pod_state.of(p, self.size, self._min_ready) for p in self.pods
            )
        return self

    @property
    def _min_ready(self) -> int:
        return self.owner.spec.min_ready_seconds if self.owner else 0

    @property
    def status(self) -> Status:
        """What the PodSize says; an empty one where there is none."""
        return self.podsize.status if self.podsize else _NOTHING_SAID

    @property
    def size(self) -> StoredSize | None:
        """What the store says now."""
        return self.status.size

    @property
    def template(self) -> objects.PodSpec:
        """The pod spec in the workload's manifest."""
        return self.owner.spec.template.spec if self.owner else objects.PodSpec()

    @property
    def wanted(self) -> int:
        """How many pods the owner should have."""
        if self.owner is None:
            return 0
        if self.workload.kind == "DaemonSet":
            return self.owner.status.desired_number_scheduled
        return 1 if self.owner.spec.replicas is None else self.owner.spec.replicas

    @property
    def next_revision(self) -> int:
        """Above every one that was given out; where the PodSize was deleted, pods remember it."""
        stamps = [s.revision or 0 for s in self.states]
        return 1 + max([self.status.highest_revision, *stamps])

    @property
    def controllers(self) -> frozenset[str]:
        """The UIDs that the workload's pods name as their controller."""
        if self.workload.kind == "Deployment":
            return frozenset(s.metadata.uid for s in self.replica_sets)
        return frozenset({self.owner.metadata.uid} if self.owner else ())
