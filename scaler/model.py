"""The values that the pure core hands to the shell: decisions, actions, and what came of them.

Frozen, with no behaviour but formatting. A decision is a value *and* a reason; an action names
everything that its execution needs, so that carrying it out takes no further thought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.model import Phase, Size, Status, StoredSize, Workload
from store.reasons import Reason


@dataclass(frozen=True, slots=True)
class Stretch:
    """Quiet `seconds` without a break as of the last look, `at`; `level`: what is not quiet."""

    seconds: float
    at: float
    level: float


Stretches = Mapping[str, Stretch]


@dataclass(frozen=True, slots=True)
class Decision:
    """What should become of one resource of one container, or why nothing should.

    `target` None: it stays as it is; else the whole size, with the steps on the container's other
    resources that were decided on before. `pressure` is used / base (1.0 = at its limit), 0
    unknown: the container with the highest one speaks for the workload.
    """

    container: str
    resource: str
    target: Size | None
    reason: Reason
    message: str
    pressure: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the workload's status should say: where it is and why."""

    phase: Phase
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Create:
    """Make the workload's PodSize, owned by it."""

    workload: Workload
    owner_uid: str


@dataclass(frozen=True, slots=True)
class Adopt:
    """Add the workload as owner of a PodSize that people made."""

    workload: Workload
    owner_uid: str


@dataclass(frozen=True, slots=True)
class Write:
    """Replace the PodSize's status, if it is still the one that was read.

    `urgent` False: only the words changed.
    """

    workload: Workload
    status: Status
    resource_version: str
    blames: bool = False
    """It takes a size back for what pods show, so they are looked at afresh before."""


@dataclass(frozen=True, slots=True)
class Evict:
    """Take one pod, by UID, so that its owner makes a new one with the stored size."""

    workload: Workload
    pod: str
    uid: str
    size: StoredSize
    status: Status
    resource_version: str
    mends: bool = False
    """The pod is in need (see rollback.py): it is Ready for nobody, and waits for nobody."""
    instead: str | None = None
    """Why its replacement could not be there first."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Make the PodSize the pod's controller, so that its owner makes another beside it."""

    workload: Workload
    pod: str
    uid: str
    podsize: str
    """The PodSize's UID."""
    size: StoredSize
    status: Status
    resource_version: str


@dataclass(frozen=True, slots=True)
class Drain:
    """Take a held pod out of its Services, or delete it where it is in none.

    `others`: the UIDs of its owner's pods. `idle`: only where it is in none.
    """

    workload: Workload
    pod: str
    uid: str
    others: tuple[str, ...] = ()
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a held pod that was drained, or at once where that was asked for."""

    workload: Workload
    pod: str
    uid: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class HandBack:
    """Let the owner of a held pod adopt it again; `status` (if any) is written before."""

    workload: Workload
    pod: str
    uid: str
    status: Status | None
    resource_version: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done now; the standing says why."""


Take = Evict | HandOver
TAKES = (Evict, HandOver)
"""Either begins the replacement of a pod."""
Swap = Drain | Delete | HandBack
Action = Create | Adopt | Write | Evict | HandOver | Swap | Wait


def mends(action: Action) -> bool:
    """Whether it takes a pod in need, which nothing holds back. One handed over never is."""
    return isinstance(action, Evict) and action.mends


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action. `reason` None: it was done."""

    done: bool
    reason: Reason | None = None
    message: str = ""
    version: str = ""
    """The resource version of a pod that was handed over."""
    soon: bool = False
    """Whether only a moment is waited for, of whose end no watch tells."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that one cycle says about one workload."""

    workload: Workload
    standing: Standing
    action: Action
    decisions: tuple[Decision, ...] = ()
    in_flight: bool = False
    stretches: Stretches = field(default_factory=dict)
    """How long its containers have been quiet, as far as that was looked at."""
