"""The plans of a cycle, most of them those of the one before where only a watch has woken it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from scaler.cluster.view import View
from scaler.model import Plan
from scaler.planning.context import Context, Look
from scaler.planning.kept import Ground, KeptPlan, Moment, pinned, stands

Standing = Mapping[int, KeptPlan]
"""By the identity of the view, which the plan holds."""
News = Collection[tuple[str, str]]
"""Namespaces and names of pods."""


@dataclass
class KeptPlans:
    """Those that may stand (kept.py). A new process has none."""

    ground: Ground = Ground()  # noqa: RUF009 (frozen)
    last: Moment = Moment()  # noqa: RUF009 (frozen)
    kept: Standing = field(default_factory=dict)

    def standing(self, ground: Ground, look: Look, news: News, *, everything: bool) -> Standing:
        """Those that stand in this cycle; `everything`: none does. `news`: pods with new usage."""
        now = Moment(look.snapshot, look.views)
        if news and not everything:
            self.kept = {key: one for key, one in self.kept.items() if not one.concerns(news)}
        if everything or not ground.same(self.ground):
            self.kept = {}
        elif any(one.shared for one in self.kept.values()):
            moved = now.moved(self.last)
            self.kept = {
                key: one
                for key, one in self.kept.items()
                if not (one.shared and one.view.workload.namespace in moved)
            }
        self.ground, self.last = ground, now
        return self.kept

    def again(self, look: Look) -> Sequence[View]:
        """The views that are to be decided on."""
        if not self.kept:
            return look.views
        return [v for v in look.views if id(v) not in self.kept]

    def plans(
        self, look: Look, context: Context, decide: Callable[[View, Context], Plan | None]
    ) -> list[tuple[View, Plan]]:
        """The plan of each workload that has one, in the order of the views."""
        found: list[tuple[View, Plan]] = []
        now: dict[int, KeptPlan] = {}
        questions = look.nodes.questions
        for view in look.views:
            if (standing := self.kept.get(id(view))) is not None:
                now[id(view)] = standing
                found.append((view, standing.plan))
                continue
            asked, shared = questions.asked, questions.of_namespace
            planned = decide(view, context)
            if planned is None:
                continue
            found.append((view, planned))
            stood = questions.asked == asked and stands(view, planned, context.now)
            if stood and not pinned(view, context):
                depends = questions.of_namespace != shared
                now[id(view)] = KeptPlan(view, planned, context.now, depends)
        self.kept = now
        return found
