"""From one workload's view and usage to the size that its store should say. Pure.

The order of what counts: what the manifest says now (an edit is heard first), then sizes by hand,
then the policy, each vetted against bounds, LimitRanges and the room on the nodes. One change
carries every container that is due.

| situation                                 | the size                | reason            |
| ----------------------------------------- | ----------------------- | ----------------- |
| the workload has no pods                  | stays                   | `NoUsage`         |
| the manifest was edited                   | forgets what was edited | `ManifestChanged` |
| a size by hand that can be                | has it                  | `Manual`          |
| a size by hand that cannot be             | stays                   | why not           |
| nothing stored, but the pods still run    | says what they have     | `Manual`          |
| with a size of ours (see recovery.py)     |                         |                   |
| a container is due                        | has its step            | the policy's      |
| it needs less, by its policy              | has its step down       | the policy's      |
| due within two minutes of the last change | stays                   | `Cooldown`        |
| another autoscaler scales on its CPU      | stays                   | `OtherAutoscaler` |
| a container that is only observed is due  | stays; it is a wish     | `Observing`       |
| a hand was removed, and no policy governs | forgets it              | `Manual`          |
| a container was switched off              | forgets it              | `OptedOut`        |

Whose usage counts: evidence.py.
"""

from dataclasses import dataclass, field, replace

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
    starting_point,
)
from scaler.sizing.evidence import Watched
from scaler.sizing.scale_down import Rested
from scaler.sizing.starting_point import Start
from scaler.sizing.vetting import Ceiling
from store.model import ContainerSize, Sizes, StoredSize
from store.reasons import Reason
from store.records import Quiet


@dataclass(frozen=True, slots=True)
class Decided:
    """The size that the store should have, and how it came to that.

    `size` None: as the manifest says, and nothing stored. `reason` and `message` speak for the
    workload; `refused`: a size by hand cannot be. `wish`: what would be if all were allowed.
    `before` and `after`: what new pods get now, and should. `edited`: (container, resource).
    `stretches`: how long containers have been quiet, `quiet`: what the store should say of it.
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


def decide(view: View, settings: Settings, watched: Watched, ceiling: Ceiling) -> Decided:
    """The table above; `settings` are the view's."""
    quiet = view.status.quiet
    start = starting_point.start(view, settings, ceiling)
    if start is None:
        return Decided(view.size, Reason.NO_USAGE, "the workload has no pods", quiet=quiet)
    case, hands, sizes = start.case, start.hands, start.sizes
    came, before = case.known.sizes, case.before
    stop = byhand.refusal(hands, settings, before, sizes, ceiling)
    if stop := stop or byhand.never_given(hands, came, sizes):
        decided = _decided(replace(start, sizes=before), Rested((), {}, quiet))
        return replace(decided, reason=stop.reason, message=stop.message, refused=True)
    usage_of = evidence.usage_of(case, watched)
    decisions = scale_up.decided(case, sizes, usage_of, ceiling)
    rested = scale_down.rested(case, sizes, decisions, usage_of, ceiling)
    kept = cooldown.kept(rested.decisions, view, watched.now)
    if kept is not rested.decisions:
        rested = replace(rested, decisions=kept)
    return _decided(start, rested)


def _decided(start: Start, rested: Rested) -> Decided:
    """Everything put together."""
    case, decisions = start.case, rested.decisions
    steps = {d.container: d.target for d in decisions if d.target}
    outcome = starting_point.outcome(start, {**start.sizes, **steps}) if steps else start.at_rest
    reason, message = explanation.told(case, decisions, outcome.by_hand)
    return Decided(
        size=outcome.size,
        reason=reason,
        message=message,
        decisions=decisions,
        wish=outcome.wish,
        before=start.given,
        after=outcome.after,
        edited=case.heard.edited,
        stretches=rested.stretches,
        quiet=rested.kept,
    )
