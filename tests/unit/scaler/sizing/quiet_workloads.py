"""Workloads that were doubled and are quiet since, followed cycle by cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scaler.cluster.view import View
from scaler.model import Evict, Plan, Stretch, Write
from scaler.policies.policy import Patience
from store.injection import inject
from store.model import ContainerSize, Size, Status
from store.reasons import Reason
from store.records import Change
from tests.unit.scaler.builders import (
    LONG_AGO,
    NGINX,
    NOW,
    asked,
    injected,
    owner,
    size,
    stored,
    view,
)
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.sizing.deciding import came


def one(*cpu: int | None) -> Size:
    return size((cpu[0], cpu[1]))


def doubled(
    has: Size,
    came: Size = NGINX["nginx"],
    *,
    changes: Sequence[Change] = (),
    by_hand: Sequence[ContainerSize] = (),
    **annotations: str,
) -> View:
    """Two pods with that size, which the store gave them long ago."""
    manifest = {"nginx": came}
    old = stored(2, {"nginx": has}, came=manifest)
    pods = [injected(f"web-{i}", old, manifest) for i in range(2)]
    lines = tuple(changes) or (change(Reason.DOUBLED, LONG_AGO),)
    status = Status(size=old, changes=lines)
    whose = owner(manifest)
    return view(*pods, status=status, settings=asked(**annotations), whose=whose, by_hand=by_hand)


def change(reason: Reason, at: str, container: str = "nginx") -> Change:
    return Change(at, 2, container, "cpu", "500m", "1", reason)


def two(asked_for: Mapping[str, str], **has: Size) -> View:
    came = {name: NGINX["nginx"] for name in has}
    old = stored(2, has, came=came)
    pods = [injected(f"web-{i}", old, came) for i in range(2)]
    status = Status(size=old, changes=(change(Reason.DOUBLED, LONG_AGO),))
    return view(*pods, status=status, settings=asked(**asked_for), whose=owner(came))


FAST = Patience(300.0)


@dataclass
class Course:
    """A workload cycle by cycle: every action is carried out at once."""

    seen: View
    now: float = NOW
    step: float = 15.0
    stretches: Mapping[str, Stretch] = field(default_factory=dict)
    patience: Patience = FAST
    writes: int = 0
    steps: list[tuple[float, Reason, int]] = field(default_factory=list)
    """Changes of the size: when, why, and the limit (or request) since."""

    def look(self, **means: float | Reason) -> Plan:
        self.now += self.step
        cycle = context(
            using(**means),
            now=self.now,
            patience=self.patience,
            stretches={self.seen.workload: self.stretches},
        )
        plan = planned(self.seen, cycle)
        self.stretches = {**self.stretches, **plan.stretches}
        before = self.seen.size
        self.writes += isinstance(plan.action, Write | Evict)
        if isinstance(plan.action, Write) and plan.action.status.size != before:
            self.steps.append((self.now, plan.standing.reason, 0))
        self.seen = carried_out(self.seen, plan, self.now)
        if self.steps and self.steps[-1][0] == self.now:
            self.steps[-1] = (*self.steps[-1][:2], self.base)
        return plan

    def settle(self, **means: float | Reason) -> None:
        """Until every pod has its size; shorter than any quiet period."""
        for _ in range(15):
            self.look(**means)

    @property
    def status(self) -> Status:
        assert self.seen.podsize
        return self.seen.podsize.status

    @property
    def base(self) -> int:
        size = inject(self.seen.size, came(self.seen))["nginx"]
        return (size.requests.cpu if size.limits.cpu is None else size.limits.cpu) or 0
