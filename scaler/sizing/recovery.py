"""What a workload's pods still have from us where the store says nothing any more. Pure.

A workload that left and came back, or whose PodSize somebody deleted, runs on with the sizes that
it had. The store says them again, so that the policy goes on from there: else nothing would be
decided (no pod is as the store says), or pods that are busy would be made small first.

| the newest pod                             | the store            |
| ------------------------------------------ | -------------------- |
| never had a size from us                   | as it is: none       |
| has the manifest's values                  | none                 |
| has others, above a maximum or impossible  | none                 |
| has others                                 | says them again      |
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
    """Whether the newest pod may have a size of ours that the store has not."""
    return view.size is None and known.stamped and bool(rollout.newest(view)[-1].revision)


def returned(
    view: View, settings: Settings, known: Basis, by_hand: Pairs, ceiling: Ceiling
) -> ManifestEdits:
    """The size to go on from, where it is due; `known` is what the pods came with."""
    had = rollout.newest(view)[-1].actual
    if any(vetting.above(s, settings.container(n).bounds, ceiling.maxima) for n, s in had.items()):
        return ManifestEdits(None)
    held = {
        name: _ours(view, settings, by_hand, ContainerSize(name, had[name], known.sizes[name]))
        for name in had
        if name in known.sizes
    }
    containers = tuple(c for c in held.values() if c.size != Size())
    if not containers or ceiling.refusal(had):
        return ManifestEdits(None)
    return ManifestEdits(StoredSize(0, Apply.ALL, containers), returned=True)


def _ours(view: View, settings: Settings, by_hand: Pairs, found: ContainerSize) -> ContainerSize:
    """The part of a container that differs from how it came, and that somebody governs."""
    size = found.size
    for resource in amounts.RESOURCES:
        ours = (found.name, resource) in by_hand
        ours = ours or governing.governs(view, settings, found.name, resource)
        if not ours or amounts.same(size, found.basis, resource):
            size = amounts.with_pair(size, resource, None, None)
    return ContainerSize(found.name, size, found.basis)
