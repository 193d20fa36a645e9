"""From one workload's view and usage to the size that its store should say. Pure.

In order of precedence: an edit of the manifest, sizes by hand, the policy. Sizes are vetted against
bounds, LimitRanges, quotas and the capacity of the nodes. One change covers all containers that are
due.

| situation                                 | the size                | reason            |
| ----------------------------------------- | ----------------------- | ----------------- |
| the workload has no pods                  | stays                   | `NoUsage`         |
| the manifest was edited                   | drops what was edited   | `ManifestChanged` |
| a size by hand is accepted                | has it                  | `Manual`          |
| a size by hand is refused                 | stays                   | why               |
| nothing stored, but the pods still have a | is what they have       | `Manual`          |
| size from podtailor (see recovery.py)     |                         |                   |
| a container is due                        | has its step            | the policy's      |
| it needs less, by its policy              | has its step down       | the policy's      |
| due within two minutes of the last change | stays                   | `Cooldown`        |
| another autoscaler scales on its CPU      | stays                   | `OtherAutoscaler` |
| a container that is only observed is due  | stays; it is a wish     | `Observing`       |
| a size by hand was removed, and no policy | drops it                | `Manual`          |
| governs the resource                      |                         |                   |
| a container was switched off              | drops it                | `OptedOut`        |

Which pods' usage counts: evidence.py.
"""

from msgspec import Struct, field
from msgspec.structs import replace

from scaler.annotations.options import Settings
from scaler.cluster.view import View
from scaler.model import Decision, Stretches
from scaler.sizing import by_hand as byhand
from scaler.sizing import (
    cooldown,
    evidence,
    explanation,
    scale_down,
    scale_up,
    slowed_nodes,
    starting_point,
)
from scaler.sizing.evidence import Watched
from scaler.sizing.scale_down import Lowered
from scaler.sizing.starting_point import Start
from scaler.sizing.vetting import Ceiling
from store.model import ContainerSize, Sizes, StoredSize
from store.reasons import Reason
from store.records import Quiet


class Decided(Struct, frozen=True):
    """The size that should be stored, and why.

    `size` None: the manifest's values, nothing stored. `reason` and `message` are reported for the
    workload; `refused`: a size by hand is refused. `wish`: the size if every change were allowed.
    `before` and `after`: what new pods get now, and should get. `edited`: (container, resource).
    `stretches`: how long containers have been quiet, `quiet`: what should be stored of that.
    """

    size: StoredSize | None
    reason: Reason
    message: str
    decisions: tuple[Decision, ...] = ()
    wish: tuple[ContainerSize, ...] = ()
    before: Sizes | None = None
    after: Sizes | None = None
    edited: tuple[tuple[str, str], ...] = ()
    refused: bool = False
    stretches: Stretches = field(default_factory=dict)
    quiet: tuple[Quiet, ...] = ()
    node_class: str | None = None
    """The kind of node whose pods it is about."""
    parts: tuple["Decided", ...] = ()
    """What was decided on each kind of node, where sizes are by kind of node (by_class.py)."""

    @property
    def each(self) -> tuple["Decided", ...]:
        """The parts; itself, where there are none."""
        return self.parts or (self,)


def decide(view: View, settings: Settings, watched: Watched, ceiling: Ceiling) -> Decided:
    """The table above; `settings` are the view's."""
    quiet = view.status.quiet
    start = starting_point.start(view, settings, ceiling)
    if start is None:
        return Decided(view.size, Reason.NO_USAGE, "the workload has no pods", quiet=quiet)
    case, by_hand, sizes = start.case, start.by_hand, start.sizes
    basis, before = case.known.sizes, case.before
    refusal = byhand.refusal(by_hand, settings, before, sizes, ceiling)
    if refusal := refusal or byhand.never_given(by_hand, basis, sizes, ceiling):
        start, sizes = replace(start, sizes=before), before
    usage_of = evidence.usage_of(case, watched)
    decisions = scale_up.decided(case, sizes, usage_of, ceiling)
    lowered = scale_down.lowered(case, sizes, decisions, usage_of, ceiling)
    kept = cooldown.kept(lowered.decisions, view, watched.now)
    kept = slowed_nodes.said(kept, view, watched)
    if kept is not lowered.decisions:
        lowered = replace(lowered, decisions=kept)
    decided = _decided(start, lowered)
    if refusal is None:
        return decided
    if any(d.target for d in decided.decisions):
        return replace(decided, refused=True)
    return replace(decided, reason=refusal.reason, message=refusal.message, refused=True)


def first(start: Start, decisions: tuple[Decision, ...], view: View) -> Decided:
    """The outcome of decisions that need no usage (first_size.py)."""
    return _decided(start, Lowered(decisions, {}, view.status.quiet))


def _decided(start: Start, lowered: Lowered) -> Decided:
    """The outcome of a start and the policies' decisions."""
    case, decisions = start.case, lowered.decisions
    steps = {d.container: d.target for d in decisions if d.target}
    outcome = starting_point.outcome(start, {**start.sizes, **steps}) if steps else start.unstepped
    reason, message = explanation.reported(case, decisions, outcome.by_hand)
    return Decided(
        size=outcome.size,
        reason=reason,
        message=message,
        decisions=decisions,
        wish=outcome.wish,
        before=start.given,
        after=outcome.after,
        edited=case.manifest_edits.edited,
        stretches=lowered.stretches,
        quiet=lowered.kept,
    )
