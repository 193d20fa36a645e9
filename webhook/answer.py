"""Answers a review by looking the pod's size up in the store. Pure, whatever the store is.

| pod                                                    | PodSize used, and answer         |
| ------------------------------------------------------ | -------------------------------- |
| the scaler's probe: dry run, in the release's own      | the one that it names; answered  |
| namespace                                              | with its revision, nothing else  |
| labelled as a probe anywhere else, or not a dry run    | as for any other pod             |
| controlled by a workload with a PodSize                | that one; sized and stamped      |
| the same, and the PodSize has sizes by kind of node    | with that of its node's kind,    |
|                                                        | where that is known (nodes.py)   |
| any other, with a stamp: its template was copied from  | none; the stamp is removed, as   |
| a pod, or it was restored from a backup                | nobody here has put it there     |
| any other                                              | none; not changed                |
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from store.annotations import PROBE_FOR, PROBE_LABEL, SIZE_REVISION
from store.model import PodSize, Workload
from webhook import patch
from webhook.outcome import Outcome
from webhook.owner import workloads_of
from webhook.review import Operation, Pod, Review


class Store(Protocol):
    """Where PodSizes are looked up; never blocks."""

    def get(self, workload: Workload) -> PodSize | None:
        """The PodSize of a workload."""
        ...

    def named(self, key: tuple[str, str]) -> PodSize | None:
        """The PodSize with that (namespace, name)."""
        ...


ClassOf = Callable[[Pod], str | None]
"""The kind of node for which a new pod is made; None: not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done to the pod and why; `podsize` is the one that was used.

    `node_class`: whose size it got; None: the default.
    """

    outcome: Outcome
    operations: tuple[Operation, ...] = ()
    podsize: PodSize | None = None
    node_class: str | None = None


def answer(
    review: Review, store: Store, release: str, class_of: ClassOf = lambda pod: None
) -> Answer:
    """The answer to a review; `release` is the namespace that we run in."""
    if review.namespace == release and review.dry_run and _is_probe(review.pod):
        return _probed(review.pod, store)
    workloads = workloads_of(review.pod, review.namespace)
    podsize = next((found for w in workloads if (found := store.get(w))), None)
    if podsize is None:
        return Answer(Outcome.NOT_OURS, tuple(patch.unstamped(review.pod)))
    size, node_class = podsize.status.size, None
    if size is not None and size.classes:
        known = class_of(review.pod)
        node_class = known if any(c.name == known for c in size.classes) else None
        size = size.of_class(node_class)
    operations, outcome = patch.build(review.pod, size, podsize.status.restart_on_resize)
    return Answer(outcome, tuple(operations), podsize, node_class)


def _is_probe(pod: Pod) -> bool:
    return (pod.metadata.labels or {}).get(PROBE_LABEL) == "true"


def _probed(pod: Pod, store: Store) -> Answer:
    namespace, _, name = (pod.metadata.annotations or {}).get(PROBE_FOR, "").partition("/")
    podsize = store.named((namespace, name))
    if podsize is None:
        return Answer(Outcome.PROBED)
    stamped = {SIZE_REVISION: patch.revision(podsize.status.size)}
    return Answer(Outcome.PROBED, tuple(patch.annotate(pod, stamped)), podsize)
