"""The checks of one workload for the page: what the running scaler asked in its last cycle.

Made when somebody looks, from that cycle's snapshot and what the loop remembers. What only trying
shows (dry runs) is taken to be allowed, as by `python -m scaler explain`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.structs import replace

from scaler.cluster.view import View
from scaler.explain import agents, untried
from scaler.explain.agents import Known
from scaler.explain.explained import Explained, explained
from scaler.explain.report import to_act
from scaler.feasibility.rescheduling import Nodes
from scaler.memory import Memory
from scaler.node_agents import NodeAgents
from scaler.page.seen import Seen
from scaler.permissions import Permissions
from scaler.planning.context import Context, Look
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf


class Shown(Struct, frozen=True):
    """All checks, and what would have to change for it to act."""

    explained: Explained
    to_act: str
    agents: Sequence[str] = ()
    """What is said of node agents and bursts (agents.py)."""


@dataclass
class Explainer:
    """`minute_of`: of a time in seconds since the epoch. Safe for use from several threads."""

    settings: Settings
    memory: Memory
    permissions: Permissions
    minute_of: Callable[[float], MinuteOf]
    agents: NodeAgents | None = None
    """None: there are none."""
    _made: tuple[Seen, Context] | None = field(default=None)
    """Nodes are counted once for each look, not for each person who looks."""

    def of(self, view: View, seen: Seen) -> Shown | None:
        """None: a quantity of it cannot be read, as its status says."""
        context, settings = self._context(seen), self.settings
        try:
            found = explained(view, context, seen.views, settings.ceilings)
        except ValueError:
            return None
        said = agents.said(view, self._known(seen.at), seen.at, settings.bursts)
        return Shown(found, to_act(found, None), said)

    def _context(self, seen: Seen) -> Context:
        made = self._made
        if made is None or made[0] is not seen:
            made = self._made = seen, self._new(seen)
        return made[1]

    def _new(self, seen: Seen) -> Context:
        settings, memory, permissions = self.settings, self.memory, self.permissions
        look = Look(seen.snapshot, seen.views, Nodes(seen.snapshot))
        return replace(
            untried.context(look, settings, self.minute_of(seen.at), seen.at),
            admits=permissions.admits,
            webhook=permissions.webhook(),
            stretches=memory.stretches,
            long=memory.long,
            starts=memory.starts,
            missing=memory.missing,
            rejected=memory.rejected,
            startups=memory.startups,
            repaired=permissions.repaired(),
            heat_of=self._known(seen.at).heat_of,
        )

    def _known(self, at: float) -> Known:
        own = self.agents
        return Known(own.reports.last_said, own.heat_of(at)) if own else Known(_never)


def _never(node: str) -> float | None:
    """Where agents are not listened to."""
    return None
