"""The sizes of a workload before the policy's steps, and the outcome of any others. Pure.

Edits of the manifest take effect first, then sizes by hand. All of it follows from the view alone,
so it is worked out once per view; only a size that is recovered (recovery.py) is vetted each time.
decide.py adds what new usage brings.
"""

from msgspec import Struct

from kube.memo import computed_once, once
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


class Start(Struct, frozen=True, dict=True):
    """What the policy starts from. `sizes`: with those by hand, before the policy's steps."""

    case: SizingCase
    by_hand: byhand.SizesByHand
    sizes: Sizes
    given: Sizes
    """What new pods get now, by the stored size."""

    @computed_once
    def unstepped(self) -> "Outcome":
        """The outcome where the policy makes no step."""
        return outcome(self, self.sizes)


def start(view: View, settings: Settings, ceiling: Ceiling) -> Start | None:
    """What a policy starts from; None where there are no pods. `settings` are the view's."""
    known = manifest.learnt(view)
    if known is None or not recovery.due(view, known):
        return _kept(view)
    named = byhand.named(byhand.sizes_by_hand(view, settings))
    return _start(view, settings, known, recovery.returned(view, settings, known, named, ceiling))


@once
def _kept(view: View) -> Start | None:
    """Where no size is recovered: all that this depends on is in the view."""
    known = manifest.learnt(view)
    if known is None or not isinstance(view.settings, Settings):
        return None
    if view.size is None:
        return _start(view, view.settings, known, ManifestEdits(None))
    known = manifest.kept(known, view.size)
    edits = manifest_edits.of(view.size, known, manifest.fingerprint(view.template))
    return _start(view, view.settings, known, edits)


def _start(view: View, settings: Settings, known: Basis, edits: ManifestEdits) -> Start:
    by_hand, before = byhand.sizes_by_hand(view, settings), inject(edits.size, known.sizes)
    template = manifest.recorded(view, known, manifest.fingerprint(view.template))
    case = SizingCase(view, settings, known, edits, template, before, byhand.named(by_hand))
    sizes = byhand.applied(by_hand, known.sizes, stored_size.handed_back(case))
    return Start(case, by_hand, sizes, inject(view.size, known.sizes))


class Outcome(Struct, frozen=True):
    """The outcome of wanted sizes; `by_hand`: what it would be without the policy."""

    size: StoredSize | None
    wish: tuple[ContainerSize, ...]
    after: Sizes
    by_hand: Sizes


def outcome(start: Start, wanted: Sizes) -> Outcome:
    """The outcome of these sizes, as far as the modes allow changes."""
    case, came = start.case, start.case.known.sizes
    after = _allowed(case, wanted)
    wish = tuple(ContainerSize(n, s) for n, s in wanted.items() if s != came[n])
    return Outcome(stored_size.stored(case, after), wish, after, _allowed(case, start.sizes))


def _allowed(case: SizingCase, wanted: Sizes) -> Sizes:
    """The sizes, except for containers that may not be changed."""
    acts, settings = modes.acts, case.settings
    return {n: s if acts(settings, n) else _left(case, n) for n, s in wanted.items()}


def _left(case: SizingCase, name: str) -> Size:
    """A container that may not be changed: observed, as it is stored; off, as it came."""
    mode = case.settings.container(name).mode
    return case.before[name] if mode is Mode.OBSERVE else case.known.sizes[name]
