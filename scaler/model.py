"""The values that the pure core passes to the shell: decisions, actions, and their outcomes.

Frozen, with no behaviour but formatting. A decision is a value *and* a reason. An action has
everything that its execution needs, so that carrying it out requires no further decision.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from store.model import Phase, Size, Sizes, Status, StoredSize, Workload
from store.reasons import Reason


class Stretch(Struct, frozen=True, gc=False, array_like=True):
    """How many seconds a container was quiet without a break, as of the last cycle, `at`.

    `level`: millicores from which a minute is not quiet.
    """

    seconds: float
    at: float
    level: float


Stretches = Mapping[str, Stretch]


class Decision(Struct, frozen=True, gc=False):
    """The new size of one resource of one container, or why it stays as it is.

    `target` None: it stays as it is. Otherwise the container's size, including the steps on its
    other resources that were decided on before. `pressure` is used / base (1.0 = at its limit), 0
    unknown: the decision with the highest one is reported for the workload. `urgent`: it does not
    wait for the cool-down.
    """

    container: str
    resource: str
    target: Size | None
    reason: Reason
    message: str
    pressure: float = 0.0
    urgent: bool = False
    node_class: str | None = None
    """The kind of node whose pods it is about; None: those that have the default size."""


class Standing(Struct, frozen=True, gc=False):
    """The status summary of a workload: what its status should say, and why."""

    phase: Phase
    reason: Reason
    message: str


class Create(Struct, frozen=True, gc=False):
    """Create the workload's PodSize, owned by it."""

    workload: Workload
    owner_uid: str


class Adopt(Struct, frozen=True, gc=False):
    """Add the workload as owner of a PodSize that a user created."""

    workload: Workload
    owner_uid: str


class Write(Struct, frozen=True, gc=False):
    """Replace the PodSize's status, if it is still the one that was read."""

    workload: Workload
    status: Status
    resource_version: str
    blames: bool = False
    """It rolls a size back because of unhealthy pods, so the pods are listed again before."""


class Evict(Struct, frozen=True, gc=False):
    """Evict one pod, by UID, so that its owner creates a new one with the stored size."""

    workload: Workload
    pod: str
    uid: str
    size: StoredSize
    status: Status
    resource_version: str
    mends: bool = False
    """The pod is unhealthy (rollback.py): it serves no traffic, so it is exempt from the limits."""
    instead: str | None = None
    """Why its replacement could not be Ready first."""
    unresized: str = ""
    """Why it is not resized, where that was asked for."""


class HandOver(Struct, frozen=True, gc=False):
    """Make the PodSize (by UID) the pod's controller, so that its owner creates a pod beside it."""

    workload: Workload
    pod: str
    uid: str
    podsize: str
    size: StoredSize
    status: Status
    resource_version: str
    unresized: str = ""


class Drain(Struct, frozen=True, gc=False):
    """Remove a held pod from its Services, or delete it where it is in none.

    `others`: the UIDs of its owner's pods. `idle`: do it only where the pod is in none.
    """

    workload: Workload
    pod: str
    uid: str
    others: tuple[str, ...] = ()
    idle: bool = False


class Delete(Struct, frozen=True, gc=False):
    """Delete a held pod that was drained, or at once where that is asked for."""

    workload: Workload
    pod: str
    uid: str
    at_once: bool = False


class HandBack(Struct, frozen=True, gc=False):
    """Let the owner of a held pod adopt it again; `status` (if any) is written before."""

    workload: Workload
    pod: str
    uid: str
    status: Status | None
    resource_version: str


class Resize(Struct, frozen=True, gc=False):
    """Ask a pod's kubelet to give its containers these sizes in place: nothing restarts.

    `withdraws`: they are what it has, as an earlier size was not carried out.
    """

    workload: Workload
    pod: str
    uid: str
    size: StoredSize
    sizes: Sizes
    withdraws: bool = False


class Wait(Struct, frozen=True, gc=False):
    """Nothing can be done now; the status summary says why."""


Take = Evict | HandOver
TAKES = (Evict, HandOver)
"""Either starts the replacement of a pod."""
Swap = Drain | Delete | HandBack
Action = Create | Adopt | Write | Evict | HandOver | Resize | Swap | Wait


def mends(action: Action) -> bool:
    """Whether it evicts an unhealthy pod, which no limit delays. None of them is handed over."""
    return isinstance(action, Evict) and action.mends


class Outcome(Struct, frozen=True, gc=False):
    """The outcome of an action. `reason` None: it was done."""

    done: bool
    reason: Reason | None = None
    message: str = ""
    version: str = ""
    """The resource version of a pod that was handed over."""
    soon: bool = False
    """Whether it can be tried again in a moment, of which no watch gives notice."""
    unwritten: bool = False
    """Whether the status is what may not be written, so that it cannot say this either."""
    unreached: bool = False
    """Whether the API server never had the call: it did not cost it anything either."""
    read: bool = False
    """Whether the no was found by reading alone: to look again bothers no policy."""


class Plan(Struct, frozen=True):
    """All that one cycle plans and reports for one workload."""

    workload: Workload
    standing: Standing
    action: Action
    decisions: tuple[Decision, ...] = ()
    in_flight: bool = False
    stretches: Stretches = field(default_factory=dict)
    """How long its containers have been quiet, as far as that was observed."""
