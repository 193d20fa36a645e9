"""One event for each object that asks for sizes and cannot get them (not_recreatable.py)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scaler.cluster import not_recreatable
from scaler.cluster.not_recreatable import NotRecreatable
from scaler.cluster.snapshot import NOTHING, Snapshot
from scaler.reporting.events import Event, Events, Subject
from store.model import Phase
from store.reasons import Reason

AT_A_TIME = 10
"""Events in one cycle: a new scaler must not hold up its workloads with a thousand of them."""


@dataclass
class Bystanders:
    """Remembers who has an event; a new scaler makes it once more, by the same name."""

    events: Events
    _snapshot: Snapshot = NOTHING
    _found: Sequence[NotRecreatable] = ()
    _done: set[str] = field(default_factory=set)

    def report(self, snapshot: Snapshot, now: float) -> None:
        """Make the events that are missing, a few at a time."""
        if snapshot is not self._snapshot:
            self._snapshot, self._found = snapshot, [*not_recreatable.found(snapshot)]
            self._done &= {one.meta.uid for one in self._found}
        for one in [o for o in self._found if o.meta.uid not in self._done][:AT_A_TIME]:
            meta = one.meta
            self._done.add(meta.uid)
            subject = Subject(one.api_version, one.kind, meta.namespace, meta.name, meta.uid)
            event = Event(subject, "Wait", str(Reason.NOT_RECREATABLE), one.why, warning=True)
            self.events.make(event, now)

    @property
    def counted(self) -> Counter[tuple[Phase, Reason]]:
        """How many there are, by what the gauge of workloads says of them."""
        return Counter({(Phase.BLOCKED, Reason.NOT_RECREATABLE): len(self._found)})
