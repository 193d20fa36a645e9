"""The loop, with a proof: what it keeps is what it would make from nothing.

In each cycle every view is put together once more, and every plan that stands is made again, as
of when it was made: of the cluster as it is now, with nothing that an earlier cycle has worked out.
"""

from dataclasses import dataclass

from scaler.cluster.node_kinds import NodeKinds
from scaler.cluster.snapshot import index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.feasibility.rescheduling import Nodes
from scaler.loop import Loop
from scaler.model import Plan
from scaler.planning.context import Context, Look
from scaler.planning.kept import KeptPlan
from scaler.planning.plan import plan


@dataclass
class Proven(Loop):
    """`differs`: the first thing that is not what it would be; None: nothing."""

    differs: str | None = None

    def _plans(self, look: Look, context: Context) -> list[tuple[View, Plan]]:
        plans = super()._plans(look, context)
        made = {v.workload: v for v in views(index(look.snapshot), self.memory.policies)}
        left = self.memory.kinds.left  # remembered: no object says it
        kinds = NodeKinds(left=left).of(look.snapshot.nodes, made.values(), context.now)
        fresh = kinds.given(made)
        seen = {v.workload: v for v in look.views}
        if [*fresh] != [*seen]:
            self.differs = f"views of {[*map(str, seen)]}, not of {[*map(str, fresh)]}"
        elif fresh != seen:
            self.differs = f"the view of {next(str(w) for w in fresh if fresh[w] != seen[w])}"
        else:
            stood = (v for v in self.kept_plans.kept.values() if v.at != context.now)
            again = Look(look.snapshot, [*fresh.values()], Nodes(look.snapshot))
            for one in stood:
                self._made_again(one, again)
        return plans

    def _made_again(self, one: KeptPlan, look: Look) -> None:
        workload, questions = one.view.workload, look.nodes.questions
        asked, shared = questions.asked, questions.of_namespace
        view = next(v for v in look.views if v.workload == workload)
        made = plan(view, self.around.context(look, one.at))
        if made is None or _said(made) != _said(one.plan):
            self.differs = f"{workload}: {_said(one.plan)} is kept, {made and _said(made)} made"
        elif questions.asked != asked or (questions.of_namespace != shared and not one.shared):
            self.differs = f"{workload}: a plan is kept that depends on others"


def _said(plan: Plan) -> tuple[object, ...]:
    return plan.standing, plan.action, plan.decisions, plan.in_flight
