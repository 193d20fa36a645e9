"""One pod against what the store says of its workload: worked out once, read by everybody. Pure.

It depends on the pod, the stored size and `minReadySeconds` alone, so it is as good as long as all
three are the same: see `View.states`.

| the pod                                                  | it is available from          |
| -------------------------------------------------------- | ----------------------------- |
| is not Ready, or being deleted                           | never                         |
| is Ready; its owner asks for no `minReadySeconds`, or    | ever since                    |
| nobody can say since when                                |                               |
| is Ready                                                 | `minReadySeconds` after that  |
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import inf

from kube import objects, timestamps
from scaler.cluster.pod_sizes import came_with, sizes_of
from store.injection import inject
from store.model import Sizes, StoredSize
from store.stamp import stamped_basis, stamped_revision


@dataclass(frozen=True, slots=True)
class PodState:
    """One pod. `original`: what it came with; `target`: what the stored size makes of that."""

    pod: objects.Pod
    original: Sizes
    actual: Sizes
    target: Sizes
    differing: frozenset[str]
    """Containers that have not just what the store would give them today.

    Values count, not revisions: a pod that a rollout made with an edited manifest's values is as
    it should be.
    """
    stamped: bool
    """Whether `original` is by the webhook's stamp."""
    revision: int | None
    """The revision that the webhook saw; None where the pod never passed it."""
    ready: bool
    """Whether the kubelet says Ready, and nobody has begun to delete it."""
    terminating: bool
    created: float
    """By the API server's clock, in seconds since the epoch; 0.0 where nothing tells."""
    available_from: float
    """By the table above, in seconds since the epoch."""

    @property
    def name(self) -> str:
        """The pod's name."""
        return self.pod.metadata.name

    @property
    def uid(self) -> str:
        """The pod's UID."""
        return self.pod.metadata.uid

    @property
    def current(self) -> bool:
        """Whether the pod has just what the store says."""
        return not self.differing

    @property
    def unsized(self) -> bool:
        """Whether it has the values that it came with: none of them are of our doing."""
        return self.actual == self.original

    def outdated(self, passive: Collection[str]) -> bool:
        """Whether it is to be brought to the stored size; `passive` containers are as they are."""
        return not self.differing.issubset(passive)

    def bears(self, size: StoredSize | None) -> bool:
        """Whether the webhook gave it that revision of the size, whatever it has of it."""
        return size is not None and self.revision == size.revision


def of(pod: objects.Pod, size: StoredSize | None, min_ready: int = 0) -> PodState:
    """The state of a pod. `min_ready`: seconds. Raises ValueError on an unreadable quantity."""
    actual, original = sizes_of(pod), came_with(pod)
    target = inject(size, original)
    differing = frozenset(name for name, had in actual.items() if had != target[name])
    ready = pod.ready
    return PodState(
        pod,
        original,
        actual,
        target if differing else actual,  # who compares them, sees at once
        differing,
        stamped_basis(pod) is not None,
        stamped_revision(pod),
        ready,
        bool(pod.metadata.deletion_timestamp),
        timestamps.seconds(pod.metadata.creation_timestamp) or 0.0,
        _available_from(pod, min_ready) if ready else inf,
    )


def pods(states: Iterable[PodState]) -> list[objects.Pod]:
    """The pods themselves, for who asks about nodes and quotas."""
    return [s.pod for s in states]


def _available_from(pod: objects.Pod, min_ready: int) -> float:
    told = pod.condition("Ready")
    since = timestamps.seconds(told.last_transition_time) if told and min_ready else None
    return -inf if since is None else since + min_ready
