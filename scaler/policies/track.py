"""The policy `track`: sizes follow what is used; up at once, down slowly. Pure.

| resource | up                                   | down                                          |
| -------- | ------------------------------------ | --------------------------------------------- |
| CPU      | track_cpu.py: pinned at its limit,   | track_down.py: to what the long window asks   |
|          | or far above its request             | for, with a dead band, a pause and learning   |
|          | at once where a node agent says that |                                               |
|          | it is pinned: burst.py               |                                               |
| memory   | memory.py, as `double`: killed, or   | the same, by the peaks of the working set:    |
|          | what it needs nears its limit        | page cache is no need, but it is left room    |

The long window (usage/long_window.py) has, of each minute, the replica that used most: all share
one size. Why each number is what it is: docs/policies.md.
"""

from scaler.policies import burst, memory, track_cpu, track_down
from scaler.policies.policy import Container, Down, Policy, Usage
from scaler.policies.proposal import Proposal
from scaler.policies.track_log import grew, shrank
from scaler.usage.window import Minute
from store.reasons import Reason
from store.records import Change


def up(container: Container, usage: Usage) -> Proposal:
    """The proposed value in millicores or bytes, or why there is none."""
    if container.resource == "cpu":
        return burst.up(container, usage, track_cpu.up)
    proposal = memory.up(container, usage)
    if proposal.reason is Reason.NO_USAGE and any(isinstance(m, Minute) for m in usage.minutes):
        # Its working set is known. It says nothing of need, but it may shrink by its peaks.
        return Proposal(None, Reason.IN_BOUNDS, proposal.message, proposal.pressure)
    return proposal


def down(container: Container, usage: Usage) -> Down:
    """The step down that the long window allows. It remembers nothing itself."""
    return Down(track_down.proposed(container, usage))


def lowered(change: Change) -> bool:
    """Whether it was one of its steps down."""
    return change.reason is Reason.TRACKED and shrank(change) and not grew(change)


POLICY = Policy(
    resources=frozenset({"cpu", "memory"}),
    reasons=frozenset(
        {Reason.TRACKED, Reason.THROTTLED, Reason.MEMORY_PRESSURE, Reason.OOM_KILLED}
    ),
    larger=Reason.TRACKED,
    smaller=Reason.TRACKED,
    up=up,
    down=down,
    lowered=lowered,
    remembers=True,
)
