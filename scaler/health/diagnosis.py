"""Does the stored size still work? Pure.

Pods may be created at any time, so each cycle asks whether a pod that is lost now would
come back with the stored size. Asked only where the size differs from the manifest's.

| what is seen                                              | the size is to blame if            |
| --------------------------------------------------------- | ---------------------------------- |
| the API server would refuse a new pod                     | it would admit one with the other  |
|                                                           | size                               |
| a pod's node would not take it again, and no other has    | some node has room for the other   |
| room: as it would be made, so that a pod which has the    |                                    |
| size of its kind of node by a resize has the default      |                                    |
| a pod is unscheduled (unhealthy_pods.py)                  | the same; where that cannot be     |
|                                                           | foreseen: it asks for less of what |
|                                                           | the scheduler did not find         |
| a pod crash-loops or does not get Ready                   | the other one gives it other       |
| with the size, or with some of it where somebody has      | values, is let in, and has room    |
| rewritten the rest                                        |                                    |
| kubelets refuse pod after pod (rejected_pods.py)          | it changes anything of what they   |
|                                                           | come with: back to the manifest's  |
| owners cannot create their pods, in whatever words, other | it changes anything of what they   |
| than those of the rules above (unmade_pods.py)            | come with: back to the manifest's  |
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from kube import objects
from kube.memo import once
from scaler.cluster import manifest, rollout
from scaler.cluster.pod_sizes import came_with
from scaler.cluster.pod_state import PodState
from scaler.cluster.view import View
from scaler.feasibility.rescheduling import Obstacle, Places, asks_no_more
from scaler.health.unhealthy_pods import UnhealthyPod
from store import amounts
from store.injection import inject
from store.model import Sizes, StoredSize

_RULES = re.compile(
    r"usage per (Container|Pod) is|limit to request ratio per|(exceeded|failed) quota"
    r"|must be less than or equal to \w+ limit"
)
"""The words of the rules that we read ourselves: LimitRanges, quotas, request within limit."""

Refuses = Callable[[objects.Pod, Sizes], str | None]
"""Why the API server would not let in a pod like this one with these sizes."""


class Feasibility(Struct, frozen=True):
    """What a new pod would meet. `allowed`: whether sizes are within all maxima.

    `unmade`: templates of which no pod can be created, and why, see unmade_pods.py. `grows`:
    containers whose policy gives them more memory when they were killed for want of it.
    """

    refuses: Sequence[Refuses]
    obstacle: Obstacle
    places: Places = Places()
    allowed: Callable[[Sizes], bool] = lambda sizes: True
    unmade: Iterable[tuple[objects.PodSpec, str]] = ()
    grows: Callable[[str], bool] = lambda name: False
    rejected: Iterable[tuple[objects.Pod, str]] = ()
    """Pods with the stored size that their kubelets refused, and why, see rejected_pods.py."""

    def refusal(self, pod: objects.Pod, sizes: Sizes) -> str | None:
        """The first of the refusals."""
        return next((message for ask in self.refuses if (message := ask(pod, sizes))), None)


class Symptom(Struct, frozen=True):
    """What a pod could not live with, and the cluster's words for it. `came`: its manifest's."""

    pod: objects.Pod
    came: Sizes
    message: str
    need: UnhealthyPod | None = None
    unmade: bool = False
    """Whether it was not let in at all: only the manifest's values are above suspicion."""
    by_default: bool = False
    """Whether it is about the default, whatever the size of the pod's kind of node is."""


def symptoms(
    view: View, size: StoredSize, needs: Sequence[UnhealthyPod], ground: Feasibility
) -> Iterator[Symptom]:
    """The table above."""
    for pod, came, sizes in _newcomers(view, size) if ground.refuses else ():
        if sizes != came and (message := ground.refusal(pod, sizes)):
            yield Symptom(pod, came, message)
    for need in needs:
        if need.lacking or need.pod.current or _partly(need.pod, size):
            yield Symptom(need.pod.pod, need.pod.original, need.message, need)
    for one in _placed(view) if not _at_home(view) <= ground.places.plain else ():
        if message := ground.places.unschedulable(one.pod, _again(view, one)):
            yield Symptom(one.pod, one.original, message, by_default=one.only_resized)
    for refused, message in ground.rejected:
        yield Symptom(refused, came_with(refused), message, unmade=True)
    yield from _unmade(view, size, ground.unmade)


def _partly(pod: PodState, size: StoredSize) -> bool:
    """Whether it was given the size, and has some of that still: the rest was rewritten."""
    came, has, given = pod.original, pod.actual, pod.target
    kept = (
        amounts.same(has[n], given[n], r)
        for n in came
        for r in amounts.RESOURCES
        if not amounts.same(given[n], came[n], r)
    )
    return pod.bears(size) and any(kept)


@once
def _placed(view: View) -> list[PodState]:
    """Pods that have a node, and would come back with something of the stored size."""
    placed = (s for s in _newest(view) if s.pod.spec.node_name)
    return [s for s in placed if _again(view, s) != s.original]


def _again(view: View, pod: PodState) -> Sizes:
    """What a new pod in its place would get."""
    if view.size is None or not pod.only_resized:
        return pod.target
    return inject(view.size.of_class(None), pod.original)


@once
def _at_home(view: View) -> frozenset[str]:
    """The nodes of the placed pods; with a name that no node has where one of them asks for more
    than it has."""
    more = any(not asks_no_more(s.pod, _again(view, s)) for s in _placed(view))
    return frozenset(
        {s.pod.spec.node_name or "" for s in _placed(view)} | ({""} if more else set())
    )


def _newest(view: View) -> list[PodState]:
    return [s for s in rollout.newest(view) if not s.terminating]


def _newcomers(view: View, size: StoredSize) -> Iterator[tuple[objects.Pod, Sizes, Sizes]]:
    """The different pods that could be made now: like those that are there, else as expected.

    With what they come with, and what they get.
    """
    for one in _different(view):
        yield one.pod, one.original, one.target
    if not _different(view):
        pod, came = manifest.expected(view, size)
        yield pod, came, inject(size, came)


@once
def _different(view: View) -> list[PodState]:
    """One of each kind of pods that are alike.

    Of equal ones it is one that has a node, for nothing helps one that finds none anyway. What one
    has counts, too: so much of a quota it gives back.
    """
    found: list[PodState] = []
    for one in sorted(_newest(view), key=lambda s: not s.pod.spec.node_name):
        if not any((one.original, one.actual) == (f.original, f.actual) for f in found):
            found.append(one)
    return found


def _unmade(
    view: View, size: StoredSize, refusals: Iterable[tuple[objects.PodSpec, str]]
) -> Iterator[Symptom]:
    """Owners that cannot create the pods that are missing, though the webhook changes them.

    Of LimitRanges and quotas the rules themselves are asked: the words stay until the owner tries
    again. A Deployment only repeats what its ReplicaSets say.
    """
    for template, message in refusals:
        if _RULES.search(message):
            continue
        pod, came, _ = next(_newcomers(view, size))
        came = manifest.as_asked(template, came)
        if inject(size, came) != came:
            yield Symptom(pod, came, message, unmade=True)
