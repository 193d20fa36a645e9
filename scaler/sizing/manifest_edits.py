"""Edits of the manifest since the size was computed; the rules are in manifest.py. Pure."""

from msgspec import Struct
from msgspec.structs import replace

from scaler.cluster.manifest import Basis, without
from store.injection import inject, mismatched
from store.model import Size, StoredSize
from store.qos import changes_class


class ManifestEdits(Struct, frozen=True):
    """The stored size after edits of the manifest took effect.

    `edited`: (container, resource) pairs; `again`: the basis was learnt again, so that pods which
    came with other values, and were left as they came, get the size now; `returned`: nothing was
    stored, but the pods still have a size (see recovery.py).
    """

    size: StoredSize | None
    edited: tuple[tuple[str, str], ...] = ()
    again: bool = False
    returned: bool = False


def of(size: StoredSize | None, basis: Basis, template: str) -> ManifestEdits:
    """The stored size without what was edited; rows: cluster/manifest.py."""
    pairs = mismatched(size, basis.sizes) if size and basis.stamped else []
    if size is None or not pairs:
        return ManifestEdits(size)
    if size.template == template and not size.stamped:
        containers = tuple(
            replace(c, basis=basis.sizes.get(c.name, c.basis)) for c in size.containers
        )
        again = replace(size, containers=containers, stamped=True)
        if not changes_class(basis.sizes, inject(again, basis.sizes)):
            return ManifestEdits(again, again=True)
    left = tuple(without(c, pairs, basis.sizes) for c in size.containers)
    kept = tuple(c for c in left if c.size != Size())
    return ManifestEdits(
        replace(size, containers=kept, template=template, stamped=True), tuple(pairs)
    )
