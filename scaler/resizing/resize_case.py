"""One pod of a workload with `strategy: resize`, and what is to be done about it. Frozen values."""

from collections.abc import Callable, Sequence
from enum import Enum

from msgspec import Struct

from kube import objects
from scaler.cluster import resizes
from scaler.cluster.pod_state import PodState
from scaler.cluster.resizes import Resize
from scaler.cluster.terminating import Silent
from scaler.cluster.view import View
from store import amounts
from store.model import Sizes
from store.reasons import Reason

DEADLINE = 60.0


class Way(Enum):
    """What is done about a pod."""

    LEAVE = "leave"
    RESIZE = "resize in place"
    WITHDRAW = "ask for what it has again"
    WAIT = "wait for its kubelet"
    BLOCKED = "wait"
    REPLACE = "replace"
    ROLL_BACK = "roll the size back"


class Step(Struct, frozen=True):
    """`reason` None: the pod's own state, not a refusal, is why."""

    way: Way
    why: str = ""
    reason: Reason | None = None


class Refused(Struct, frozen=True):
    """Why pods are not resized in place: a refusal of the API server, or a setting."""

    message: str
    reason: Reason | None = None


Need = Callable[[objects.Pod, str], int | None]
"""Bytes that a container needed in its last minute at most; None: not known."""


class Terms(Struct, frozen=True):
    """What holds for all pods of a workload. `deadline`: seconds for a kubelet to do a resize."""

    now: float
    deadline: float = DEADLINE
    refused: Callable[[PodState], Refused | None] = lambda state: None
    need: Need = lambda pod, name: None
    silent: Silent = lambda pod: False
    written: float = 0.0
    """When the stored size was written, in seconds since the epoch."""
    burst: bool = False
    """Whether nothing is replaced for now: burst_guard.py."""


class ResizeCase(Struct, frozen=True):
    """One pod. `due`: whether it should get the stored size."""

    view: View
    state: PodState
    due: bool
    terms: Terms

    @property
    def name(self) -> str:
        """The pod's."""
        return self.state.name

    @property
    def last(self) -> Resize | None:
        """Its last resize in place."""
        return resizes.last(self.state.pod)

    @property
    def pending(self) -> bool:
        """Whether its kubelet has not done what we asked for last."""
        last = self.last
        return last is not None and last.ours and last.answer is not resizes.Answer.DONE

    @property
    def asked_for(self) -> bool:
        """Whether just the stored size was asked for, by whomever, and is not there yet."""
        last, state = self.last, self.state
        undone = last is not None and last.answer is not resizes.Answer.DONE
        return undone and state.asked == state.target

    @property
    def waited(self) -> float:
        """Seconds since the last resize was asked for; a clock that steps back waits again."""
        return max(0.0, self.terms.now - self.last.at) if self.last else 0.0

    @property
    def late(self) -> bool:
        """Whether the deadline is over."""
        return self.waited > self.terms.deadline

    def lowered(self) -> Sequence[tuple[str, int]]:
        """Containers whose memory limit would be lowered, and to how many bytes."""
        actual, target = self.state.actual, self.state.target
        pairs = ((n, actual[n].limits.memory, target[n].limits.memory) for n in sorted(target))
        return [(n, new) for n, old, new in pairs if new is not None and (old is None or new < old)]

    def changed(self, name: str) -> list[str]:
        """The resources of a container that a resize would change."""
        now, then = self.state.actual[name], self.state.target[name]
        return [r for r in amounts.RESOURCES if now.pair(r) != then.pair(r)]


def removes(before: Sizes, after: Sizes) -> str | None:
    """Which request or limit would be removed, which no resize does; None: none would be."""
    for name, resource in ((n, r) for n in sorted(after) for r in amounts.RESOURCES):
        had, gets = (sizes[name].pair(resource) for sizes in (before, after))
        for i, what in enumerate(("request", "limit")):
            if had[i] is not None and gets[i] is None:
                return f"{name}'s {resource} {what} is removed"
    return None
