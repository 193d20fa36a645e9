"""The size that a workload's pods still have although none is stored any more. Pure.

The pods of a workload that was enrolled again, or whose PodSize was deleted, still have their
sizes. These are stored again, and the policy continues from there. Otherwise nothing would be
decided (no pod has the stored size), or busy pods would be made small first.

| the newest pod                             | what is stored       |
| ------------------------------------------ | -------------------- |
| never had a size from podtailor            | none, as before      |
| has the manifest's values                  | none                 |
| has others, above a maximum or impossible  | none                 |
| has others                                 | these                |
"""

from scaler.annotations.options import Settings
from scaler.cluster import rollout
from scaler.cluster.manifest import Basis
from scaler.cluster.view import View
from scaler.sizing import governing, vetting
from scaler.sizing.manifest_edits import ManifestEdits
from scaler.sizing.vetting import Ceiling
from store import amounts
from store.model import Apply, ContainerSize, Size, StoredSize

Pairs = frozenset[tuple[str, str]]


def due(view: View, known: Basis) -> bool:
    """Whether the newest pod may have a size from podtailor that is not stored."""
    return view.size is None and known.stamped and bool(rollout.newest(view)[-1].revision)


def returned(
    view: View, settings: Settings, known: Basis, by_hand: Pairs, ceiling: Ceiling
) -> ManifestEdits:
    """The size to continue from, where it is due; `known` is what the pods came with."""
    had = rollout.newest(view)[-1].actual
    if any(vetting.above(s, settings.container(n).bounds, ceiling.maxima) for n, s in had.items()):
        return ManifestEdits(None)
    recovered = {
        name: _governed(view, settings, by_hand, ContainerSize(name, had[name], known.sizes[name]))
        for name in had
        if name in known.sizes
    }
    containers = tuple(c for c in recovered.values() if c.size != Size())
    if not containers or ceiling.refusal(had):
        return ManifestEdits(None)
    return ManifestEdits(StoredSize(0, Apply.ALL, containers), returned=True)


def _governed(
    view: View, settings: Settings, by_hand: Pairs, found: ContainerSize
) -> ContainerSize:
    """The part of a container's size that differs from its basis and is governed or set by hand."""
    size = found.size
    for resource in amounts.RESOURCES:
        managed = (found.name, resource) in by_hand
        managed = managed or governing.governs(view, settings, found.name, resource)
        if not managed or amounts.same(size, found.basis, resource):
            size = amounts.with_pair(size, resource, None, None)
    return ContainerSize(found.name, size, found.basis)
