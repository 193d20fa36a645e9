"""What replacements are limited by, and what is asked before one. Frozen values."""

from collections.abc import Callable

from msgspec import Struct

from kube import objects
from scaler.cluster.pod_state import PodState
from scaler.cluster.terminating import Silent

Question = Callable[[list[objects.Pod]], str | None]


class RestartLimits(Struct, frozen=True):
    """Limits on replacements of one workload.

    `per_hour`: replacements in a clock hour, on top of the number of replicas.
    """

    per_hour: int = 6
    paused: str | None = None
    """Why no pod at all is replaced (the scaler is paused, or a dry run); None: they are."""
    dry_run: bool = False
    """Whether not even a size that does not work may be rolled back."""
    deletes: bool = False
    """Whether pods are deleted without regard to their budgets: `disruption: delete`."""
    there: frozenset[str] = frozenset()
    """UIDs of the pods that existed when we replaced one a moment ago; empty: unknown."""
    kept_nodes: frozenset[str] = frozenset()
    """Nodes whose pods nobody may disrupt, see do_not_disrupt.py."""


class Prospects(Struct, frozen=True):
    """Expensive questions, asked only where the answer matters; each answer None: no obstacle.

    `fits`: why replacements of these pods fit on no node. `quota`: why a quota refuses them.
    `unable`: why a pod's replacement cannot be Ready before the pod goes.
    """

    fits: Question
    quota: Question = lambda pods: None
    unable: Callable[[objects.Pod], str | None] = lambda pod: "surge is not looked at"
    deletes: bool = False
    """Whether a pod may be handed over and deleted."""
    refused: bool = False
    """Whether that is so in somebody else's words."""
    overloaded: Callable[[PodState], bool] = lambda state: False
    """Whether a pod is at its limit, and its replacement would have a higher one."""
    silent: Silent = lambda pod: False
