"""Which stretches of quiet go on after a restart, as if it had not been. Pure.

| a stretch, at the first look at usage                        | is                            |
| ------------------------------------------------------------ | ----------------------------- |
| the minutes of all its pods cover the time since, all quiet  | gone on with                  |
| one of them is busy, unknown, or does not cover that time    | left out: what the status     |
|                                                              | says of it counts (quiet.py)  |
"""

from collections.abc import Iterable, Mapping

from scaler.cluster.view import View
from scaler.model import Stretch, Stretches
from scaler.policies import quiet
from scaler.sizing import evidence
from scaler.sizing.evidence import Watched
from store.model import Workload


def stretches(
    kept: Mapping[Workload, Stretches], views: Iterable[View], watched: Watched
) -> dict[Workload, Stretches]:
    """Those of the first row."""
    found = (
        (v.workload, {n: s for n, s in kept[v.workload].items() if _goes_on(v, n, s, watched)})
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
