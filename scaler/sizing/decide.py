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

from kube.memo import once
from scaler.annotations.options import Mode, Settings
from scaler.cluster import manifest, modes
from scaler.cluster.manifest import Basis
from scaler.cluster.view import View
from scaler.model import Decision, Stretches
from scaler.sizing import by_hand as byhand
from scaler.sizing import (
    cooldown,
    evidence,
    explanation,
    manifest_edits,
    recovery,
    scale_down,
    scale_up,
    stored_size,
)
from scaler.sizing.evidence import Watched
from scaler.sizing.manifest_edits import ManifestEdits
from scaler.sizing.scale_down import Rested
from scaler.sizing.stored_size import SizingCase
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import ContainerSize, Quiet, Size, Sizes, StoredSize
from store.reasons import Reason


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
    start = _sized(view) if view.size else _unsized(view, settings, ceiling)
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
    return _decided(start, replace(rested, decisions=kept))


@dataclass(frozen=True)
class _Start:
    """What the policy starts from. `sizes`: with hands, before the policy's steps."""

    case: SizingCase
    hands: byhand.SizesByHand
    sizes: Sizes


@once
def _sized(view: View) -> _Start | None:
    """Where the store says something."""
    known = manifest.learnt(view)
    if known is None or view.size is None or not isinstance(view.settings, Settings):
        return None
    known = manifest.kept(known, view.size)
    heard = manifest_edits.heard(view.size, known, manifest.fingerprint(view.template))
    return _start(view, view.settings, known, heard)


def _unsized(view: View, settings: Settings, ceiling: Ceiling) -> _Start | None:
    known = manifest.learnt(view)
    if known is None:
        return None
    named = byhand.named(byhand.hands(view, settings))
    return _start(view, settings, known, recovery.returned(view, settings, known, named, ceiling))


def _start(view: View, settings: Settings, known: Basis, heard: ManifestEdits) -> _Start:
    hands, before = byhand.hands(view, settings), inject(heard.size, known.sizes)
    template = manifest.recorded(view, known, manifest.fingerprint(view.template))
    case = SizingCase(view, settings, known, heard, template, before, byhand.named(hands))
    return _Start(case, hands, byhand.applied(hands, known.sizes, stored_size.handed_back(case)))


@dataclass(frozen=True)
class _Outcome:
    """What comes of the wanted sizes; `by_hand`: what would, but for the policy."""

    size: StoredSize | None
    wish: tuple[ContainerSize, ...]
    after: Sizes
    by_hand: Sizes


def _outcome(start: _Start, wanted: Sizes) -> _Outcome:
    case, came = start.case, start.case.known.sizes
    after = _allowed(case, wanted)
    wish = tuple(ContainerSize(n, s) for n, s in wanted.items() if s != came[n])
    return _Outcome(stored_size.stored(case, after), wish, after, _allowed(case, start.sizes))


@once
def _at_rest(start: _Start) -> _Outcome:
    """What comes of it where the policy steps nowhere."""
    return _outcome(start, start.sizes)


def _decided(start: _Start, rested: Rested) -> Decided:
    """Everything put together."""
    case, decisions = start.case, rested.decisions
    steps = {d.container: d.target for d in decisions if d.target}
    outcome = _outcome(start, {**start.sizes, **steps}) if steps else _at_rest(start)
    reason, message = explanation.told(case, decisions, outcome.by_hand)
    return Decided(
        size=outcome.size,
        reason=reason,
        message=message,
        decisions=decisions,
        wish=outcome.wish,
        before=inject(case.view.size, case.known.sizes),
        after=outcome.after,
        edited=case.heard.edited,
        stretches=rested.stretches,
        quiet=rested.kept,
    )


def _allowed(case: SizingCase, wanted: Sizes) -> Sizes:
    """The sizes, but for containers that we may not change."""
    acts, settings = modes.acts, case.settings
    return {n: s if acts(settings, n) else _left(case, n) for n, s in wanted.items()}


def _left(case: SizingCase, name: str) -> Size:
    """A container that we may not change: observed, as it is stored; off, as it came."""
    mode = case.settings.container(name).mode
    return case.before[name] if mode is Mode.OBSERVE else case.known.sizes[name]
