"""How long a container has been quiet: what a halving depends on. Pure.

Quiet is observed, never assumed. A stretch of it grows only from one cycle to the next, by the time
between them, so that neither an outage nor a clock that jumps ahead adds to it.

| all pods of the workload, in one cycle                 | the stretch                        |
| ------------------------------------------------------ | ---------------------------------- |
| a pod's minute reaches the level                       | starts over                        |
| a pod was throttled in most periods of its minute      | starts over                        |
| a pod has no minute, though its container is not young | starts over: unknown is not quiet  |
| the level is another one (the size was changed)        | starts over                        |
| the last cycle is longer ago than the minutes cover    | starts over: a gap                 |
| a pod's container is young: it has no minute yet       | keeps its length                   |
| every pod's minute is below the level                  | grows by the time since            |

The status says how many thirds of the required time are done, at most two. So a container costs two
writes on its way to a halving and one when it gets busy; a busy one costs none. A new process
continues from there:

| what the status says, at its first cycle        | the process starts with                     |
| ----------------------------------------------- | ------------------------------------------- |
| some seconds, as of at most a third of the      | these, at most two thirds: the last third   |
| required time and five minutes ago              | is always observed by one process           |
| anything older, from the future, or nothing     | nothing                                     |

So a restart delays a halving by a third at most, and only the gap that it left (at most that third
and five minutes) is unobserved.
"""

from collections.abc import Mapping, Sequence
from math import ceil

from kube import timestamps
from scaler.model import Stretch, Stretches
from scaler.policies.policy import Patience, PodMinute
from scaler.usage.window import Minute, NoMinute
from store.model import Workload
from store.records import Quiet

_PARTS = 3
_KEPT = 2
_HOLE = 300.0
"""Seconds that a restart may take: the pod, the lists, the Lease, and the first minute."""
_SLACK = 5.0
"""Seconds by which cycles may be further apart than minutes cover: cycles vary in length."""


MOST = 0.5
"""Share of its periods in which a container must have been throttled to lack CPU."""


def throttled(minute: Minute | NoMinute) -> bool:
    """Whether it was throttled in most periods; where that is not known, it was not."""
    return minute.throttled is not None and minute.throttled > MOST


def followed(
    before: Stretch | None, pods: Sequence[PodMinute], level: float, now: float
) -> Stretch | None:
    """The stretch after one more cycle (first table). None: nothing has been observed yet."""
    known = [h.minute for h in pods if isinstance(h.minute, Minute)]
    if any(m.mean >= level or throttled(m) for m in known):
        return Stretch(0.0, now, level)
    unknown = [h for h in pods if not isinstance(h.minute, Minute)]
    if any(not h.young for h in unknown):
        return before and Stretch(0.0, now, level)
    if not known or before is None:
        return before
    since = now - before.at
    if before.level != level or since > min(m.seconds for m in known) + _SLACK:
        return Stretch(0.0, now, level)
    more = 0.0 if unknown else max(0.0, since)
    return Stretch(before.seconds + more, now, level)


def taken_up(
    stored: Quiet | None, patience: Patience, pods: Sequence[PodMinute], level: float, now: float
) -> Stretch | None:
    """What a process starts with (second table), once all pods have a minute."""
    if not pods or not all(isinstance(h.minute, Minute) for h in pods):
        return None
    until = timestamps.seconds(stored.until) if stored else None
    age = None if until is None else now - until
    if stored is None or age is None or not 0 <= age <= patience.seconds / _PARTS + _HOLE:
        return Stretch(0.0, now, level)
    most = patience.seconds * _KEPT / _PARTS
    return Stretch(max(0.0, min(float(stored.seconds), most)), now, level)


def kept(
    stored: Quiet | None, name: str, stretch: Stretch | None, patience: Patience
) -> Quiet | None:
    """What the status should say: the thirds that are done; no change where nothing is known."""
    if stretch is None:
        return stored
    third = patience.seconds / _PARTS
    done = min(int(stretch.seconds / third + 1e-9), _KEPT)
    seconds = ceil(done * third)
    if not done or seconds == (stored.seconds if stored else None):
        return stored if done else None
    return Quiet(name, seconds, timestamps.text(stretch.at))


def grown(stretch: Stretch | None, patience: Patience) -> bool:
    """Whether it is long enough for a halving."""
    return stretch is not None and stretch.seconds >= patience.seconds


def remembered(
    old: Mapping[Workload, Stretches], news: Mapping[Workload, Stretches]
) -> dict[Workload, Stretches]:
    """After a cycle: what was not observed stays as it was, so that a gap is seen as one."""
    nothing: Stretches = {}
    both = ((w, old.get(w, nothing), seen) for w, seen in news.items())
    return {w: seen if last.keys() <= seen.keys() else {**last, **seen} for w, last, seen in both}
