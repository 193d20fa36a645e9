"""One pod compared with the stored size of its workload: computed once, read in many places. Pure.

It depends only on the pod, the stored size and `minReadySeconds`, and stays valid while these three
are the same: see `View.states`. What a pod has is what its kubelet says, where it was resized in
place (pod_sizes.py).

| the pod                                                  | it is available from              |
| -------------------------------------------------------- | --------------------------------- |
| is not Ready, or is terminating                          | never                             |
| is Ready; its owner has no `minReadySeconds`, or the     | any time                          |
| condition has no time                                    |                                   |
| is Ready                                                 | `minReadySeconds` after it became |
|                                                          | Ready                             |
"""

from collections.abc import Collection, Iterable
from math import inf

from msgspec import Struct

from kube import objects, timestamps
from scaler.cluster import resizes
from scaler.cluster.pod_sizes import came_with, present, sizes_of
from store import amounts
from store.injection import governed, inject
from store.model import ContainerSize, Size, Sizes, StoredSize
from store.stamp import stamped_basis, stamped_revision


class PodState(Struct, frozen=True):
    """One pod.

    `original`: what it came with. `actual`: what it has. `target`: what the webhook would make of
    `original` with the stored size.
    """

    pod: objects.Pod
    original: Sizes
    actual: Sizes
    target: Sizes
    differing: frozenset[str]
    """Containers whose `actual` size is not their `target`.

    Values count, not revisions: a pod that a rollout created with the values of an edited manifest
    is up to date.
    """
    stamped: bool
    """Whether `original` was read from the webhook's stamp."""
    revision: int | None
    """The revision that the webhook stamped; None: the pod did not pass the webhook."""
    ready: bool
    """Whether the pod is Ready and not terminating."""
    terminating: bool
    created: float
    """By the API server's clock, in seconds since the epoch; 0.0 if unknown."""
    available_from: float
    """By the table above, in seconds since the epoch."""
    resized: bool = False
    """Whether somebody else has changed it in place since it was made, to other values than
    `target`.

    Its generation tells (from Kubernetes 1.35 on): of its spec only resources, and what debugs it,
    are commonly changed.
    """

    node_class: str | None = None
    """The kind of node that `target` is for; None: the default, or sizes are not by kind of node
    (pod_class.py has this and the next three)."""
    undecided: bool = False
    """Whether the kind of its node is not known yet: it is left as it is."""
    only_resized: bool = False
    """Whether a new pod in its place would not be made for this kind of node."""
    misplaced: bool = False
    """Whether it has what the stored size gives to pods on another kind of node."""

    @property
    def asked(self) -> Sizes:
        """What its spec asks for: `actual`, unless it is being resized in place."""
        return sizes_of(self.pod)

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
        """Whether the pod has exactly the stored values."""
        return not self.differing

    @property
    def unsized(self) -> bool:
        """Whether it has the values that it came with: podtailor has changed none of them."""
        return self.actual == self.original

    def outdated(self, passive: Collection[str]) -> bool:
        """Whether a container differs from the stored size; `passive` containers do not count."""
        return not self.differing.issubset(passive)

    def spared(self, size: StoredSize | None) -> bool:
        """Whether it keeps what somebody gave it in place.

        It has no less than the stored size asks for, or that was stored before it was resized.
        """
        return self.resized and (self.bears(size) or all(map(self._enough, self.differing)))

    def _enough(self, name: str) -> bool:
        pairs = (
            (amounts.base_of(of[name], r) for of in (self.actual, self.target))
            for r in amounts.RESOURCES
        )
        return all(not then or (now and now.value >= then.value) for now, then in pairs)

    def bears(self, size: StoredSize | None) -> bool:
        """Whether it has the stamp of this size's revision, whatever its values are."""
        return size is not None and self.revision == size.revision


def of(pod: objects.Pod, size: StoredSize | None, min_ready: int = 0) -> PodState:
    """The state of a pod. `min_ready`: `minReadySeconds`.

    Raises ValueError on an unreadable quantity.
    """
    actual, original = present(pod), _original(pod, size)
    target = inject(size, original)
    differing = frozenset(name for name, had in actual.items() if had != target[name])
    ready = pod.ready
    return PodState(
        pod,
        original,
        actual,
        target if differing else actual,  # the same object: comparing the two is cheap
        differing,
        stamped_basis(pod) is not None,
        stamped_revision(pod),
        ready,
        bool(pod.metadata.deletion_timestamp),
        timestamps.seconds(pod.metadata.creation_timestamp) or 0.0,
        _available_from(pod, min_ready) if ready else inf,
        bool(differing) and _edited(pod),
    )


def _original(pod: objects.Pod, size: StoredSize | None) -> Sizes:
    """What it came with: of a pod without a stamp that was resized, that is the stored basis."""
    came = came_with(pod)
    if size is None or resizes.last(pod) is None or stamped_basis(pod):
        return came
    return {**came, **{c.name: _basis(c, came[c.name]) for c in size.containers if c.name in came}}


def _basis(stored: ContainerSize, came: Size) -> Size:
    for resource in amounts.RESOURCES:
        if governed(stored.size, resource):
            came = amounts.with_pair(came, resource, *stored.basis.pair(resource))
    return came


def _edited(pod: objects.Pod) -> bool:
    if resize := resizes.last(pod):
        return not resize.ours
    stamped = stamped_revision(pod) is not None
    return stamped and pod.metadata.generation > 1 and not pod.spec.ephemeral_containers


def pods(states: Iterable[PodState]) -> list[objects.Pod]:
    """The pods of these states."""
    return [s.pod for s in states]


def _available_from(pod: objects.Pod, min_ready: int) -> float:
    ready = pod.condition("Ready")
    since = timestamps.seconds(ready.last_transition_time) if ready and min_ready else None
    return -inf if since is None else since + min_ready
