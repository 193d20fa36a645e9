"""What is asked about a held pod, and what is done about it. Frozen values; pure."""

from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from kube import objects
from kube.memo import computed_once
from scaler.cluster import rollout
from scaler.cluster.pod_state import PodState
from scaler.cluster.terminating import Silent
from scaler.cluster.view import View
from scaler.health import unhealthy_pods
from scaler.health.startup_deadline import Deadline
from scaler.health.unhealthy_pods import Failure
from store.annotations import FIRST_TO_GO
from store.reasons import Reason


class Way(Enum):
    """What is done about a held pod."""

    WAIT = "wait"
    DRAIN = "drain"
    END_IDLE = "delete, where it serves nobody"
    DELETE = "delete"
    DELETE_AT_ONCE = "delete at once"
    HAND_BACK = "hand back"


class Step(Struct, frozen=True):
    """Which pod, what, and why.

    `failed`: the replacement cannot live. `cause`: why, where no size can be to blame.
    """

    pod: objects.Pod
    way: Way
    why: str
    failed: bool = False
    cause: Reason | None = None


class HeldCase(Struct, frozen=True, dict=True):
    """A held pod as it is `now`.

    `stopped`: why nothing may be changed on; None: it may. `deletes`: nothing is waited for.
    """

    view: View
    held: objects.Pod
    stopped: str | None
    deadline: Deadline
    now: float
    deletes: bool = False
    silent: Silent = lambda pod: False

    @property
    def name(self) -> str:
        """The held pod's."""
        return self.held.metadata.name

    @property
    def others(self) -> tuple[PodState, ...]:
        """The owner's pods that are not terminating."""
        return self.view.not_terminating

    @property
    def missing(self) -> str | None:
        """How many others there are where that is less than desired."""
        count, desired = len(self.others), self.view.desired_replicas
        return f"{count} of {desired} others are there" if count < desired else None

    @property
    def waiting(self) -> str:
        """What is waited for until it is replaced: true also once the replacement is Ready."""
        if self.all_ready and not self.replaced:
            return f"its replacement is Ready for {self.view.min_ready} s (minReadySeconds)"
        there = f": {self.missing}" if self.missing else self._time
        return f"its replacement is Ready{there}"

    @property
    def _time(self) -> str:
        """How long the replacement may take, where a start-up takes longer than usual."""
        usual = self.deadline.explained((*self.view.pods, *self.view.held))
        return f" ({usual})" if usual else ""

    @property
    def all_ready(self) -> bool:
        """Whether as many others as desired are Ready, at least one, for however short a time."""
        return sum(s.ready for s in self.others) >= self.view.desired_replicas > 0

    @property
    def replaced(self) -> bool:
        """Whether as many others as desired are Ready, and at least one.

        If the pod itself is not Ready (overload.py), others may be so as well: then those count
        that have the stored size, as nothing is lost with the pod.
        """
        desired = self.view.desired_replicas
        able = [s for s in self.others if self.now >= s.available_from]
        if len(able) >= desired or self.held.ready:
            return len(able) >= desired > 0
        rest = [s for s in self.others if s not in able]
        newcomers = [s for s in able if s.current]
        return (
            len(self.others) >= desired > 0 and bool(newcomers) and not any(s.current for s in rest)
        )

    @computed_once
    def drained(self) -> bool:
        """Whether we have drained it, by our own mark on it: labels may differ for any reason."""
        return _drained(self.held)

    @property
    def unadoptable(self) -> bool:
        """Whether no owner would adopt it again."""
        return unadoptable(self.view, self.held)

    @property
    def rollout(self) -> str | None:
        """Which rollout has begun. Less than all available is none, nor is another number."""
        if self.view.workload.kind != "Deployment":
            return None
        if not self.view.replica_sets:
            return "no ReplicaSet of it is there"
        if several := rollout.several_sets(self.view):
            return several
        newest = max(self.view.replica_sets, key=rollout.set_revision).metadata.uid
        former = {r.uid for r in self.held.metadata.owner_references or ()}
        return None if newest in former else "the Deployment has moved on to another template"

    def failures(self) -> Iterator[Failure]:
        """Why another pod will not do or is not created, in the cluster's own messages."""
        view = self.view
        newcomers = view.unready if self.held.ready else [s for s in view.unready if s.current]
        yield from unhealthy_pods.failures(view, newcomers, self.silent, self.deadline, self.now)
        if self.missing is None or view.owner is None:
            return
        for owner in (view.owner, *view.replica_sets):
            for condition in owner.status.conditions or ():
                if (condition.type, condition.status) == ("ReplicaFailure", "True"):
                    yield Failure(condition.message or condition.reason)


def unadoptable(view: View, held: objects.Pod) -> bool:
    """Whether no owner would adopt a held pod again: it is terminating, drained, or on its own."""
    going = held.metadata.deletion_timestamp is not None
    return going or _owner(view, held) is None or _drained(held)


def _drained(held: objects.Pod) -> bool:
    return FIRST_TO_GO.items() <= (held.metadata.annotations or {}).items()


def _owner(view: View, held: objects.Pod) -> objects.Owner | None:
    """The owner that would adopt it again."""
    uids = {r.uid for r in held.metadata.owner_references or ()}
    owners = view.replica_sets if view.workload.kind == "Deployment" else (view.owner,)
    return next((o for o in owners if o and o.metadata.uid in uids), None)
