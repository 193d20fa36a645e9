"""What the sizes of a workload are before the policy's steps, and what comes of any others. Pure.

The manifest is heard first, then hands. All of it follows from the view alone, so it is found once
for each view; but where a size is recovered (recovery.py), that is vetted again. What usage brings
is added in decide.py.
"""

from dataclasses import dataclass
from functools import cached_property

from kube.memo import once
from scaler.annotations.options import Mode, Settings
from scaler.cluster import manifest, modes
from scaler.cluster.manifest import Basis
from scaler.cluster.view import View
from scaler.sizing import by_hand as byhand
from scaler.sizing import manifest_edits, recovery, stored_size
from scaler.sizing.manifest_edits import ManifestEdits
from scaler.sizing.stored_size import SizingCase
from scaler.sizing.vetting import Ceiling
from store.injection import inject
from store.model import ContainerSize, Size, Sizes, StoredSize


@dataclass(frozen=True)
class Start:
    """What the policy starts from. `sizes`: with hands, before the policy's steps."""

    case: SizingCase
    hands: byhand.SizesByHand
    sizes: Sizes
    given: Sizes
    """What new pods get now, by what is stored."""

    @cached_property
    def at_rest(self) -> "Outcome":
        """What comes of it where the policy steps nowhere."""
        return outcome(self, self.sizes)


def start(view: View, settings: Settings, ceiling: Ceiling) -> Start | None:
    """What a policy starts from; None where there are no pods. `settings` are the view's."""
    known = manifest.learnt(view)
    if known is None or not recovery.due(view, known):
        return _kept(view)
    named = byhand.named(byhand.hands(view, settings))
    return _start(view, settings, known, recovery.returned(view, settings, known, named, ceiling))


@once
def _kept(view: View) -> Start | None:
    """Where nothing has to be vetted for it: all that this is made of is in the view."""
    known = manifest.learnt(view)
    if known is None or not isinstance(view.settings, Settings):
        return None
    if view.size is None:
        return _start(view, view.settings, known, ManifestEdits(None))
    known = manifest.kept(known, view.size)
    edits = manifest_edits.heard(view.size, known, manifest.fingerprint(view.template))
    return _start(view, view.settings, known, edits)


def _start(view: View, settings: Settings, known: Basis, heard: ManifestEdits) -> Start:
    hands, before = byhand.hands(view, settings), inject(heard.size, known.sizes)
    template = manifest.recorded(view, known, manifest.fingerprint(view.template))
    case = SizingCase(view, settings, known, heard, template, before, byhand.named(hands))
    sizes = byhand.applied(hands, known.sizes, stored_size.handed_back(case))
    return Start(case, hands, sizes, inject(view.size, known.sizes))


@dataclass(frozen=True)
class Outcome:
    """What comes of the wanted sizes; `by_hand`: what would, but for the policy."""

    size: StoredSize | None
    wish: tuple[ContainerSize, ...]
    after: Sizes
    by_hand: Sizes


def outcome(start: Start, wanted: Sizes) -> Outcome:
    """What comes of these sizes, as far as we may change them."""
    case, came = start.case, start.case.known.sizes
    after = _allowed(case, wanted)
    wish = tuple(ContainerSize(n, s) for n, s in wanted.items() if s != came[n])
    return Outcome(stored_size.stored(case, after), wish, after, _allowed(case, start.sizes))


def _allowed(case: SizingCase, wanted: Sizes) -> Sizes:
    """The sizes, but for containers that we may not change."""
    acts, settings = modes.acts, case.settings
    return {n: s if acts(settings, n) else _left(case, n) for n, s in wanted.items()}


def _left(case: SizingCase, name: str) -> Size:
    """A container that we may not change: observed, as it is stored; off, as it came."""
    mode = case.settings.container(name).mode
    return case.before[name] if mode is Mode.OBSERVE else case.known.sizes[name]
