"""Which stretches of quiet go on after a restart, as if it had not been. Pure.

| a stretch, at the first look at usage                        | is                            |
| ------------------------------------------------------------ | ----------------------------- |
| the minutes of all its pods cover the time since, all quiet  | gone on with                  |
| one of them is busy, unknown, or does not cover that time    | left out: what the status     |
|                                                              | says of it counts (quiet.py)  |
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Protocol

from kube import objects
from scaler.cluster import class_view
from scaler.cluster.view import View
from scaler.model import Stretch, Stretches
from scaler.policies import quiet
from scaler.sizing import evidence
from scaler.sizing.evidence import Watched
from scaler.usage.window import Minute, NoMinute
from store.model import Workload


class MinuteSince(Protocol):
    """The minute of a container that covers a time as well, see Windows.minute."""

    def __call__(
        self, pod: objects.Pod, container: str, now: float, covering: float
    ) -> Minute | NoMinute: ...


def stretches(
    kept: Mapping[Workload, Stretches], views: Iterable[View], minute: MinuteSince, now: float
) -> dict[Workload, Stretches]:
    """Those of the first row."""

    def goes_on(view: View, key: str, stretch: Stretch) -> bool:
        name, node_class = class_view.unkeyed(key)
        if view.nodes is not None:
            view = class_view.of(view, node_class)
        watched = Watched(partial(minute, now=now, covering=stretch.at), now)
        return _goes_on(view, name, stretch, watched)

    found = (
        (v.workload, {n: s for n, s in kept[v.workload].items() if goes_on(v, n, s)})
        for v in views
        if v.workload in kept
    )
    return {workload: some for workload, some in found if some}


def _goes_on(view: View, name: str, stretch: Stretch, watched: Watched) -> bool:
    try:
        pods = [
            evidence.pod_minute(s.pod, name, watched, evidence.left_out(view, s, name))
            for s in view.not_terminating
            if name in s.actual
        ]
    except ValueError:  # a quantity that cannot be read: nothing is decided on it either
        return False
    after = quiet.followed(stretch, pods, stretch.level, watched.now)
    return after is not None and after.seconds >= stretch.seconds
