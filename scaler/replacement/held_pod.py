"""A pod is held: what is the one thing to do about it? A state machine over what is there. Pure.

A held pod is one whose controller is its PodSize (found by owner reference, never by label), so its
owner has made another in its place. No state is kept: whoever finds a held pod goes on from here.
The rows are asked in this order; the first that holds decides.

| the held pod, and the pods that its owner has              | then                               |
| ---------------------------------------------------------- | ---------------------------------- |
| it is being deleted                                        | wait until it is gone              |
| the workload is gone                                       | hand back: the others are free too |
| as many as wanted are Ready, at least one                  | drain, then delete                 |
| `disruption: delete`, and nothing is called off            | delete at once                     |
| its owner would not adopt it: gone, or it is drained       | the same where none is wanted;     |
|                                                            | where it is drained, and one of    |
|                                                            | the others finds no node: delete,  |
|                                                            | where no Service selects it;       |
|                                                            | else wait until they are Ready     |
| none is wanted                                             | hand back: it goes with the others |
| paused, off, a malformed annotation, another autoscaler    | hand back                          |
| it has just what the store says (a size was taken back)    | hand back                          |
| a rollout has begun                                        | hand back: the rollout removes it  |
| one cannot be scheduled, crash-loops, is late; the owner   | hand back, and back off            |
| is not allowed to make one                                 |                                    |
| one is missing                                             | wait                               |
| one is starting                                            | wait                               |

Handed back, its owner has one pod too many and removes one that is not Ready first: never while all
are Ready. An owner that wants fewer pods meanwhile changes nothing but the number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kube import objects
from kube.pods import staying
from scaler.cluster import in_flight, rollout
from scaler.cluster.pod_sizes import is_current
from scaler.cluster.view import View
from scaler.health.startup_deadline import Deadline
from scaler.health.unhealthy_pods import troubles, unplaced


class Way(Enum):
    """What is done about a held pod."""

    WAIT = "wait"
    DRAIN = "drain"
    END_IDLE = "delete, where it serves nobody"
    DELETE = "delete"
    DELETE_AT_ONCE = "delete at once"
    HAND_BACK = "hand back"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: which pod, what, and why. `failed`: the replacement cannot live."""

    pod: objects.Pod
    way: Way
    why: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`stopped`: why nothing may be changed on; None: it may. `deletes`: nothing is waited for."""

    stopped: str | None
    deadline: Deadline
    now: float
    deletes: bool = False


def step(view: View, held: objects.Pod, context: Circumstances) -> Step:
    """The table above."""
    name = held.metadata.name
    if held.metadata.deletion_timestamp:
        return Step(held, Way.WAIT, f"{name} is replaced, and going")
    if view.owner is None:
        return Step(held, Way.HAND_BACK, "the workload is gone")
    alone = lost(view, held)
    if _replaced(view, context.now) or (alone and not view.wanted):
        return _finished(view, held)
    if context.deletes and not _called_off(view, held, context.stopped):
        return Step(held, Way.DELETE_AT_ONCE, f"{name} is deleted")
    waiting = _missing(view) or "its replacement is starting"
    if alone:
        return _waited_for(view, held, context, f"nobody would adopt {name} again; {waiting}")
    if why := _called_off(view, held, context.stopped):
        return Step(held, Way.HAND_BACK, why)
    if why := next(_failures(view, context), None):
        return Step(held, Way.HAND_BACK, why, failed=True)
    return Step(held, Way.WAIT, f"{name} stays until then: {waiting}")


def lost(view: View, held: objects.Pod) -> bool:
    """Whether nobody would adopt it again."""
    return drained(view, held) or _owner(view, held) is None


def drained(view: View, held: objects.Pod) -> bool:
    """Whether labels are missing that its owner gave it."""
    owner = _owner(view, held)
    given = owner.spec.template.metadata.labels or {} if owner else {}
    return not given.items() <= (held.metadata.labels or {}).items()


def _waited_for(view: View, held: objects.Pod, context: Circumstances, told: str) -> Step:
    """One that is drained already serves nobody, and takes the room that another may wait for."""
    words = unplaced(view, context.deadline, context.now)
    why = next(words, None) if drained(view, held) else None
    return Step(held, Way.END_IDLE, f"{told}; {why}") if why else Step(held, Way.WAIT, told)


def _finished(view: View, held: objects.Pod) -> Step:
    why = f"{held.metadata.name} is replaced"
    if alive := staying(view.pods):
        why += f" by {alive[-1].metadata.name}"
    return Step(held, Way.DELETE if drained(view, held) else Way.DRAIN, why)


def _replaced(view: View, now: float) -> bool:
    able = sum(in_flight.available(p, view, now) for p in staying(view.pods))
    return able >= view.wanted > 0


def _missing(view: View) -> str | None:
    count = len(staying(view.pods))
    return f"{count} of {view.wanted} others are there" if count < view.wanted else None


def _owner(view: View, held: objects.Pod) -> objects.Owner | None:
    """The owner that would adopt it again."""
    uids = {r.uid for r in held.metadata.owner_references or ()}
    owners = view.replica_sets if view.workload.kind == "Deployment" else (view.owner,)
    return next((o for o in owners if o and o.metadata.uid in uids), None)


def _called_off(view: View, held: objects.Pod, stopped: str | None) -> str | None:
    if not view.wanted:
        return "no pod is wanted any more"
    if stopped:
        return stopped
    if is_current(held, view.size):
        return f"{held.metadata.name} is as it should be"
    return _rolling(view, held)


def _rolling(view: View, held: objects.Pod) -> str | None:
    """Less than all available is no rollout, nor is another number of pods."""
    if view.workload.kind != "Deployment":
        return None
    if not view.replica_sets:
        return "no ReplicaSet of it is there"
    if several := rollout.several_sets(view):
        return several
    newest = max(view.replica_sets, key=rollout.set_revision).metadata.uid
    ours = {r.uid for r in held.metadata.owner_references or ()}
    return None if newest in ours else "the Deployment has moved on to another template"


def _failures(view: View, context: Circumstances) -> Iterator[str]:
    yield from troubles(view, context.deadline, context.now)
    if _missing(view) is None or view.owner is None:
        return
    for owner in (view.owner, *view.replica_sets):
        for told in owner.status.conditions or ():
            if (told.type, told.status) == ("ReplicaFailure", "True"):
                yield told.message or told.reason
