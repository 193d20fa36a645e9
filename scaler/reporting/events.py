"""Events on objects, within what the API server accepts, and made once.

| the API server accepts                         | so                                             |
| ---------------------------------------------- | ---------------------------------------------- |
| a note of 1,024 bytes                          | cut by bytes, never inside a character         |
| a name that is a DNS subdomain of 253          | cut, without a dot or dash at the cut, and a   |
|                                                | hash of what is said: the same event again     |
|                                                | has the same name, and is made once            |

Whoever refuses an event (a policy, a quota, a webhook that hangs) refuses nothing else: it is
counted, logged once for an object, and not made again.
"""

import hashlib
import logging
from dataclasses import dataclass, field

from kube import kinds, timestamps
from kube.errors import Conflict, KubeError, Unreachable
from kube.gateway import Gateway
from scaler.reporting.metrics import Metrics

logger = logging.getLogger(__name__)

LONGEST_NOTE = 1024  # bytes
LONGEST_NAME = 253
KEPT = 3600.0
"""Seconds for which the API server keeps an event."""
PAUSE = 60.0
"""Seconds without events after one that got no answer: each would hold up a cycle as long."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The object that an event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str


@dataclass(frozen=True, slots=True)
class Event:
    """What is said. `action`: what was done, `reason`: a reason code."""

    subject: Subject
    action: str
    reason: str
    note: str
    warning: bool = False


@dataclass
class Events:
    """Makes events through one API server. `instance`: which scaler."""

    gateway: Gateway
    instance: str
    metrics: Metrics
    _refused: set[str] = field(default_factory=set)
    """UIDs of the objects for which a refusal has been logged."""
    _asked: dict[str, float] = field(default_factory=dict)
    """The events of the last hour by name, and when, oldest first: the API server keeps them as
    long."""
    _silent_until: float = -float("inf")
    _later: list[tuple[Event, float]] | None = None
    """Those that wait for `release`; None: none has to."""

    def hold(self) -> None:
        """What is reported from now on is made after what is more urgent."""
        self._later = [] if self._later is None else self._later

    def release(self) -> None:
        """Make what waits, in its order."""
        waiting, self._later = self._later or (), None
        for event, now in waiting:
            self.make(event, now)

    def make(self, event: Event, now: float) -> None:
        """Create it, now or with `release`; never raises for what the API server answers."""
        if self._later is not None:
            self._later.append((event, now))
            return
        subject = event.subject
        if now < self._silent_until <= now + PAUSE:
            self._lost(event, "another event got no answer a moment ago")
            return
        body = manifest(event, self.instance, now)
        if self._known(f"{subject.namespace}/{name_of(event)}", now):
            return
        try:
            self.gateway.post(kinds.EVENT.path(subject.namespace), body)
        except Conflict:
            pass  # it exists already
        except KubeError as e:
            if isinstance(e, Unreachable) and e.status == 0:
                self._silent_until = now + PAUSE
            self._lost(event, str(e))
        else:
            self._refused.discard(subject.uid)

    def _known(self, name: str, now: float) -> bool:
        """Whether just this was made, or refused, within the hour."""
        if 0 <= now - self._asked.get(name, -KEPT) < KEPT:
            return True
        self._asked.pop(name, None)
        while self._asked and not 0 <= now - next(iter(self._asked.values())) < KEPT:
            del self._asked[next(iter(self._asked))]
        self._asked[name] = now
        return False

    def _lost(self, event: Event, why: str) -> None:
        self.metrics.events_lost.inc()
        subject = event.subject
        if subject.uid in self._refused:
            return
        self._refused.add(subject.uid)
        where = f"{subject.namespace}/{subject.kind}/{subject.name}"
        fields = {"workload": where, "reason": event.reason, "error": why}
        logger.warning("event not made", extra=fields)


def name_of(event: Event) -> str:
    """Its name: the same for an event that says the same of the same object. Pure."""
    subject, note = event.subject, _note(event)
    digest = hashlib.sha256(f"{subject.uid}{event.reason}{note}".encode()).hexdigest()[:10]
    kept = subject.name[: LONGEST_NAME - 1 - len(digest)].rstrip(".-")
    return f"{kept}.{digest}"


def _note(event: Event) -> str:
    return cut(event.note or event.reason, LONGEST_NOTE)


def manifest(event: Event, instance: str, now: float) -> dict[str, object]:
    """The Event object. Pure."""
    subject = event.subject
    return {
        "apiVersion": kinds.EVENT.api_version,
        "kind": kinds.EVENT.name,
        "metadata": {"name": name_of(event), "namespace": subject.namespace},
        "eventTime": timestamps.text(now).replace("Z", ".000000Z"),
        "reportingController": "podtailor.io/scaler",
        "reportingInstance": instance,
        "action": event.action,
        "reason": event.reason,
        "note": _note(event),
        "type": "Warning" if event.warning else "Normal",
        "regarding": {
            "apiVersion": subject.api_version,
            "kind": subject.kind,
            "name": subject.name,
            "namespace": subject.namespace,
            "uid": subject.uid,
        },
    }


def cut(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, with a mark where something was cut."""
    raw = text.encode(errors="replace")
    if len(raw) <= most:
        return raw.decode()
    mark = "…"
    return raw[: most - len(mark.encode())].decode(errors="ignore") + mark
