"""What a policy is: rules over numbers, for one resource of one container at a time. Frozen values.

A policy is a value with the functions below, all pure: they see sizes, usage and what the user asks
for, never a Kubernetes object. Whether a proposal is accepted (bounds, LimitRanges, quotas, nodes,
cool-down, other autoscalers) is decided for all policies alike, in `sizing`.

| function  | called                                          | the answer                         |
| --------- | ----------------------------------------------- | ---------------------------------- |
| `up`      | in each cycle                                   | a value to step up to, or why not; |
|           |                                                 | no usage is never low usage        |
| `down`    | in each cycle, for what it remembers; it counts | a value to step down to (10 % less |
|           | where `up` said `InBounds`, and nothing of the  | at least), why there is none, or   |
|           | workload grows                                  | nothing                            |
| `lowered` | for the last change of a container's resource   | whether it was a step down: pods   |
|           |                                                 | that have more contribute then     |
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from scaler.annotations.options import ContainerPolicy
from scaler.model import Stretch
from scaler.policies.proposal import Proposal
from scaler.usage.long_window import LongWindow
from scaler.usage.window import Minute, NoMinute
from store.model import Size
from store.reasons import Reason
from store.records import Change, Quiet


class Patience(Struct, frozen=True, gc=False):
    """What a step down requires: `seconds` of usage below `share` of the limit."""

    seconds: float = 1800.0
    share: float = 0.4


class Horizon(Struct, frozen=True, gc=False):
    """What a policy with a long window waits for, in seconds.

    `window`: how much usage is remembered. `learning`: how much has to be known before a size gets
    smaller than it was. `pause`: between a change and a step down.
    """

    window: float = 8 * 86400.0
    learning: float = 86400.0
    pause: float = 3600.0


class PodMinute(Struct, frozen=True, gc=False):
    """One pod's minute of usage; `young`: its container has just started, or is about to.

    `killed`: how often it was started again, where it was killed last (by a probe, not for memory).
    """

    minute: Minute | NoMinute
    young: bool = False
    killed: int = 0


class Kill(Struct, frozen=True, gc=False):
    """The kernel killed the container at its own memory limit: when, and `limit` bytes it had.

    What the node did for want of its own memory is none.
    """

    at: float
    limit: int


class Container(Struct, frozen=True, gc=False):
    """One resource of one container in one cycle.

    `size`: what new pods would get, with the steps that this cycle has decided on already. `came`:
    the manifest's. `options`: what the user asks for.
    """

    name: str
    resource: str
    size: Size
    came: Size
    options: ContainerPolicy


class Usage(Struct, frozen=True):
    """What is known of a container's usage in one cycle; `now` in seconds since the epoch.

    `minutes`: of the contributing pods (sizing/evidence.py). `pods`, `kills`: of all pods, whatever
    their size. `stretch`: how long the container has been quiet, as this process remembers;
    `stored`: the same as the status says. `changes`: the workload's, newest first. `replicas`: the
    names of the contributing pods. `long`: the long window, of policies that ask for one.
    """

    now: float
    minutes: Sequence[Minute | NoMinute]
    pods: Sequence[PodMinute] = ()
    kills: Sequence[Kill] = ()
    stretch: Stretch | None = None
    stored: Quiet | None = None
    changes: Sequence[Change] = ()
    patience: Patience = Patience()
    replicas: Sequence[str] = ()
    long: LongWindow | None = None
    horizon: Horizon = Horizon()
    pinned: Sequence[tuple[str, Minute]] = ()
    """Contributing pods that a node agent has seen at their limit just now: name, and what it saw
    in the place of the minute. `bursts`: how often in ten minutes that may raise the container."""
    bursts: int = 3


class Down(Struct, frozen=True, gc=False):
    """The answer of `down`; `proposal` None: the container stays as it is, nothing to report.

    `stretch`: what to remember until the next cycle. `keep`: what the status should say of it.
    """

    proposal: Proposal | None = None
    stretch: Stretch | None = None
    keep: Quiet | None = None


class Policy(Struct, frozen=True):
    """One policy. Its name is in table.py alone.

    `resources`: those that it changes; others stay as in the manifest. `reasons`: of the changes
    that it makes. `lowered`: whether a change in the log was a step down of this policy. `rising`:
    resources that it never lowers: set by hand once, they would stay so after that is removed.
    `remembers`: whether it asks for a long window (usage/long_window.py), which costs memory.
    `larger`, `smaller`: the reasons of a change that follows from another kind of node's size.
    `above_manifest`: it never goes below the manifest's CPU, where no `cpu-min` allows that.
    """

    resources: frozenset[str]
    reasons: frozenset[Reason]
    up: Callable[[Container, Usage], Proposal]
    down: Callable[[Container, Usage], Down]
    lowered: Callable[[Change], bool]
    larger: Reason
    smaller: Reason
    rising: frozenset[str] = frozenset()
    remembers: bool = False
    above_manifest: bool = False
