"""What the decisions of a cycle depend on beside the snapshot: usage, rights, agents, the past."""

from dataclasses import dataclass
from functools import cache, partial

from msgspec.structs import replace

from scaler.agents import heat
from scaler.cluster.snapshot import Snapshot
from scaler.execution.actuator import Actuator
from scaler.memory import Memory
from scaler.node_agents import NodeAgents
from scaler.permissions import Permissions
from scaler.planning import context as planning
from scaler.planning.context import Context, Look
from scaler.planning.kept import Ground
from scaler.settings import Settings
from scaler.sizing.evidence import MinuteOf
from scaler.sizing.pinned_pods import nothing
from scaler.surge_rights import ResizeRights, SurgeRights
from scaler.usage.storage import Windows
from scaler.watches import Observer


@dataclass
class Surroundings:
    """The parts that know it."""

    settings: Settings
    observer: Observer
    windows: Windows
    actuator: Actuator
    permissions: Permissions
    memory: Memory
    agents: NodeAgents | None = None
    """None: there are none."""

    def listen(self, snapshot: Snapshot) -> None:
        """With whose change a wait after a refusal ends."""
        pace, hands = self.memory.gate.pace, self.actuator.hands
        pace.rules = self.observer.rules.edition
        pace.webhook = cache(partial(self._replicas, snapshot))  # once a cycle, if at all
        if hands:
            hands.rights_policy.rules = lambda namespace: self.observer.rules.edition(namespace)[0]

    def _replicas(self, snapshot: Snapshot) -> frozenset[str]:
        """Pods of podtailor itself that are Ready, by UID."""
        ours = (p for (space, _), p in snapshot.pods.items() if space == self.settings.namespace)
        return frozenset(p.metadata.uid for p in ours if p.ready)

    def ground(self, snapshot: Snapshot) -> Ground:
        """What plans that are kept depend on."""
        options, allowed = self.settings.cycle, self.permissions
        stopped = planning.stopped_by(snapshot, options.own, dry_run=options.dry_run)
        return Ground(snapshot, stopped, allowed.webhook(), allowed.repaired())

    def context(self, look: Look, now: float) -> Context:
        """All of it, as of `now` (seconds since the epoch)."""
        rights = self.rights(now)
        return replace(
            planning.of(look, self.settings.cycle, self.minute_of(now), now),
            admits=self.permissions.admits,
            webhook=self.permissions.webhook(),
            no_surge=rights.switched_off,
            barred=rights.barred,
            unresizable=ResizeRights(self.settings.resize, self.memory.gate.pace, now).refused,
            refused=rights.refused,
            stretches=self.memory.stretches,
            long=self.memory.long,
            starts=self.memory.starts,
            missing=self.memory.missing,
            rejected=self.memory.rejected,
            startups=self.memory.startups,
            repaired=self.permissions.repaired(),
            there=self.memory.gate.taken.there,
            pinned_of=self.agents.pinned_of(now) if self.agents else nothing,
            heat_of=self.agents.heat_of(now) if self.agents else heat.unknown,
        )

    def minute_of(self, now: float) -> MinuteOf:
        """Of each container the newest minute, as of `now` (seconds since the epoch)."""
        usual = partial(self.windows.minute, now=now)
        return self.agents.minute_of(usual, now) if self.agents else usual

    def rights(self, now: float) -> SurgeRights:
        """Whether pods may be handed over."""
        hands = self.actuator.hands if self.settings.surge else None
        return SurgeRights(hands, self.memory.gate.pace, now)
