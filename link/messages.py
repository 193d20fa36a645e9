"""The messages between a node agent and the scaler, with the bounds of what each may hold.

| from   | message      | when                                                           |
| ------ | ------------ | -------------------------------------------------------------- |
| agent  | `Hello`      | first, once                                                    |
| scaler | `Refused`    | instead of everything else: another version, or not the leader |
| scaler | `Count`      | which containers count, at first and whenever that changes     |
| agent  | `Pinned`     | a container has been pinned at its limit, and each second more |
| agent  | `Killed`     | the kernel killed in a container for want of memory            |
| agent  | `Minute`     | once a minute for each container                               |
| agent  | `NodeMinute` | once a minute, where the node says anything of clocks or heat  |
| agent  | `Alive`      | every ten seconds                                              |

No message has a time of day: what was measured is a duration, and when it came is the receiver's
own clock. So a clock that lies has nobody to lie to. `at` is how many seconds after the begin of
the connection a message was sent: who receives it sees by that which messages were held up.
"""

from typing import Annotated

from msgspec import Meta, Struct

VERSION = 3
"""Of the messages. Another one is refused: an agent that is not understood is worse than none."""
MOST_CONTAINERS = 1000
"""Containers of one node that count at most."""

ContainerId = Annotated[str, Meta(pattern="^[0-9a-f]{32,64}$")]
PodUid = Annotated[str, Meta(pattern="^[0-9A-Za-z-]{1,64}$")]
NodeName = Annotated[str, Meta(min_length=1, max_length=253)]
Text = Annotated[str, Meta(max_length=1000)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]
Since = Annotated[float, Meta(ge=0, le=100_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Millicores = Annotated[float, Meta(ge=0, le=10_000_000)]
Number = Annotated[int, Meta(ge=0, le=2**53)]


class Hello(Struct, frozen=True, tag="hello"):
    """Whose agent it is; `cgroup`: 1 or 2."""

    version: int
    node: NodeName
    cgroup: int = 0


class Pinned(Struct, frozen=True, tag="pinned"):
    """A container ran into its limit for `seconds` without a break.

    `used`: mean over them, `quota`: its limit, both in millicores. `throttled`: share of the CFS
    periods in them.
    """

    container: ContainerId
    seconds: Seconds
    used: Millicores
    quota: Millicores
    throttled: Share = 0.0
    at: Since = 0.0


class Killed(Struct, frozen=True, tag="killed"):
    """The kernel has killed `kills` processes more in a container for want of memory."""

    container: ContainerId
    kills: Number


class Minute(Struct, frozen=True, tag="minute"):
    """One container's last `seconds`: `peak` is the largest use in 100 ms, `mean` all, millicores.

    `throttled`: share of the CFS periods. `waited`: share of the time in which something in it
    waited for a CPU (PSI); None: the kernel does not say.
    """

    container: ContainerId
    seconds: Seconds
    mean: Millicores
    peak: Millicores
    throttled: Share | None = None
    waited: Share | None = None
    at: Since = 0.0


class NodeMinute(Struct, frozen=True, tag="node"):
    """The node's CPUs in the last `seconds`; what the node does not say is None.

    `clock`: of the fastest CPU, mean; `lowest`: the smallest of that; `allowed`: the smallest that
    any CPU was allowed: shares of its maximum. `throttles`: how often the hardware held CPUs back.
    """

    seconds: Seconds
    clock: Share | None = None
    lowest: Share | None = None
    allowed: Share | None = None
    throttles: Number | None = None
    at: Since = 0.0


class Alive(Struct, frozen=True, tag="alive"):
    """Nothing else to say. `dropped`: messages that could not be sent since the connection began.

    `sampled`: containers that are sampled.
    """

    dropped: Number = 0
    sampled: Number = 0
    at: Since = 0.0


class Counted(Struct, frozen=True, gc=False):
    """A container that counts, and its pod."""

    id: ContainerId
    pod: PodUid


class Count(Struct, frozen=True, tag="count"):
    """All containers of the node that count; it replaces the ones before."""

    containers: Annotated[list[Counted], Meta(max_length=MOST_CONTAINERS)]


class Refused(Struct, frozen=True, tag="refused"):
    """Why the scaler does not listen."""

    why: Text


Dated = Pinned | Minute | NodeMinute | Alive
FromAgent = Hello | Pinned | Killed | Minute | NodeMinute | Alive
FromScaler = Count | Refused
