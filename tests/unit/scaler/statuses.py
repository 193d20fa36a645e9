"""Statuses that were written, and workloads that have settled with one."""

from typing import Any

from kube import timestamps
from scaler.cluster.view import View
from scaler.model import Evict, Write
from store.model import Phase, Status
from store.reasons import Reason
from store.records import Change, PodCount
from tests.unit.scaler.builders import NOW, injected, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned, using

HOT = context(using(nginx=480))


def line(revision: int, reason: Reason = Reason.DOUBLED, age: float = 900) -> Change:
    return Change(timestamps.text(NOW - age), revision, "nginx", "cpu", "500m", "1", reason)


def status_of(seen: View, cycle: Any = None) -> Status:
    """What is written."""
    action = planned(seen, cycle).action
    assert isinstance(action, Write | Evict), action
    return action.status


SETTLED = Status(
    size=stored(),
    last_good=stored(),
    phase=Phase.SETTLED,
    reason=Reason.DOUBLED,
    message="nginx used 480m of 500m for 60 s",
    pods=PodCount(2, 2),
    changes=(line(1),),
)


def settled(status: Status = SETTLED, **more: Any) -> View:
    seen = view(injected("a", stored()), injected("b", stored()), status=status, **more)
    return carried_out(seen, planned(seen, context(using(nginx=100))))
