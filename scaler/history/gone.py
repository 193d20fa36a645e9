"""The last words on workloads that are gone: what was said of each as it was seen last. Pure.

| a workload of the last cycle                  | has last words                             |
| --------------------------------------------- | ------------------------------------------ |
| is there still, enrolled or leaving           | none                                       |
| is no longer there, or its PodSize is not     | its status of the cycle before             |
| went while no scaler ran, or had no status    | none: only its usage and changes are known |
"""

from collections.abc import Mapping

from msgspec import Struct

from scaler.annotations.options import BadAnnotation
from scaler.cluster.view import View
from scaler.cluster.views import Views
from scaler.status.said import changed, said
from store.model import Workload

MOST = 1000
"""Workloads whose last words are kept, those that went last."""


class Gone(Struct, frozen=True):
    """`at`: when it was first missed, in seconds since the epoch."""

    at: float
    phase: str
    reason: str
    message: str
    changed: str = ""
    """Its last change, see `said.changed`."""


def gone(before: Views, views: Views, now: float) -> dict[Workload, Gone]:
    """Of those that the last cycle had and this one has not, by the table above."""
    if before is views:
        return {}
    left = ((w, v) for w, v in before.items() if _there(v) and not _there(views.get(w)))
    return {
        w: Gone(now, str(last.phase), str(last.reason), last.message, changed(v))
        for w, v in left
        if (last := said(v))
    }


def joined(known: Mapping[Workload, Gone], new: Mapping[Workload, Gone]) -> dict[Workload, Gone]:
    """Both, at most `MOST`, those that went first left out."""
    every = {**{w: one for w, one in known.items() if w not in new}, **new}
    return dict([*every.items()][-MOST:])


def _there(view: View | None) -> bool:
    """The PodSize of a namespace that is deleted may go before its workload."""
    if view is None or view.owner is None:
        return False
    return view.podsize is not None or isinstance(view.settings, BadAnnotation)
