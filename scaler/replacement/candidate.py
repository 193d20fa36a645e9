"""The pod to replace next, or why none is. Frozen values."""

from dataclasses import dataclass

from kube import objects
from store.model import Phase
from store.reasons import Reason


@dataclass(frozen=True, slots=True)
class RestartLimits:
    """What bounds restarts; `per_hour` allows one round of replicas more."""

    per_hour: int = 6
    paused: str | None = None
    """Why nothing at all is taken (the kill switch, or a dry run); None: it is not."""
    dry_run: bool = False
    """Whether not even a size that does not work may be taken back."""
    deletes: bool = False
    """Whether pods are deleted past their budgets: people asked for it, and we may."""
    there: frozenset[str] = frozenset()
    """UIDs of the pods that were there as we took one a moment ago; empty: we know of none."""


@dataclass(frozen=True, slots=True)
class Next:
    """The pod to take, or None and why.

    `in_flight`: a pod of the workload is being replaced. `proven`: all pods run with the stored
    size. `failed`: the last change did not reach a pod.
    """

    pod: objects.Pod | None
    phase: Phase
    reason: Reason | None
    message: str = ""
    in_flight: bool = False
    proven: bool = False
    failed: bool = False
    unable: str | None = None
    """Why the pod's replacement cannot be there first."""
    deletes: bool = False
    """Whether it is held and deleted then, not evicted."""
