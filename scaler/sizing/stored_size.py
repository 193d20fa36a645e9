"""The size to store, from what every container should have. Pure.

A size names as little as it can: what was set by hand, or changed by a policy, now or before. Its
revision is raised whenever new pods would get other values.

| compared with the stored size                         | the new one                           |
| ----------------------------------------------------- | ------------------------------------- |
| nothing differs                                       | the old object itself                 |
| other values, or pods that were left as they came now | a new revision                        |
| would get it (the basis was learnt again, or what was |                                       |
| edited is set by hand as well)                        |                                       |
| only the basis of what it does not name, or a stamp   | the same revision, to be written      |
| has confirmed it, or the mode went to or from initial |                                       |
| nothing stored, and nothing to store                  | none                                  |
"""

from msgspec import Struct

from scaler.annotations.options import Mode, Settings
from scaler.cluster.manifest import Basis
from scaler.cluster.view import View
from scaler.sizing import governing
from scaler.sizing.manifest_edits import ManifestEdits
from store import amounts
from store.injection import governed, mismatched
from store.model import Apply, ContainerSize, Size, Sizes, StoredSize
from store.reasons import Reason

Pairs = frozenset[tuple[str, str]]


class SizingCase(Struct, frozen=True, dict=True):
    """One workload's sizes while they are decided on; `before`: what new pods get now."""

    view: View
    settings: Settings
    known: Basis
    manifest_edits: ManifestEdits
    template: str
    before: Sizes
    by_hand: Pairs


def handed_back(case: SizingCase) -> dict[str, Size]:
    """What new pods get now, with the manifest's values for what is no longer managed."""
    out = dict(case.before)
    for name in out:
        for resource in amounts.RESOURCES:
            if not _managed(case, name, resource) or _returned(case, name, resource):
                pair = case.known.sizes[name].pair(resource)
                out[name] = amounts.with_pair(out[name], resource, *pair)
    return out


def stored(case: SizingCase, after: Sizes) -> StoredSize | None:
    """The size by the module's table; `after`: what new pods should get."""
    old = case.view.size
    named = _named(case, after)
    containers = tuple(
        ContainerSize(name, _only(after[name], name, named), case.known.sizes[name])
        for name in after
        if any((name, resource) in named for resource in amounts.RESOURCES)
    )
    if old is None:
        revision, stamped = case.view.next_revision, case.known.stamped
        size = StoredSize(revision, _mode(case), containers, case.template, stamped)
        return size if containers else None
    if mismatched(old, case.known.sizes) or not _same_values(old, containers):
        stamped = case.known.stamped or old.stamped
        apply = _kept(case) if case.manifest_edits.again else _mode(case)
        return StoredSize(case.view.next_revision, apply, containers, case.template, stamped)
    apply = _kept(case)
    confirmed = case.known.stamped and not old.stamped
    if containers == old.containers and not confirmed:
        return old if apply is old.apply else _with(old, apply, containers)
    learnt = case.template if case.known.stamped else old.template
    stamped = old.stamped or case.known.stamped
    return StoredSize(old.revision, apply, containers, learnt, stamped)


def _with(old: StoredSize, apply: Apply, containers: tuple[ContainerSize, ...]) -> StoredSize:
    return StoredSize(old.revision, apply, containers, old.template, old.stamped)


def _mode(case: SizingCase) -> Apply:
    modes = {case.settings.container(name).mode for name in case.before}
    return Apply.ALL if Mode.AUTO in modes else Apply.NEW


def _kept(case: SizingCase) -> Apply:
    """After a rollback the size is for new pods only: healthy ones keep what they have."""
    retreated = case.view.podsize and case.view.podsize.status.retreated
    return Apply.NEW if retreated else _mode(case)


def _managed(case: SizingCase, name: str, resource: str) -> bool:
    mode = case.settings.container(name).mode
    return (
        mode is Mode.OBSERVE
        or (name, resource) in case.by_hand
        or governing.governs(case.view, case.settings, name, resource)
    )


def _named(case: SizingCase, after: Sizes) -> set[tuple[str, str]]:
    """What the new size names: changes made now, and what it named before and still governs."""
    was = (
        {c.name: c.size for c in case.manifest_edits.size.containers}
        if case.manifest_edits.size
        else {}
    )
    out = set()
    for name in after:
        for resource in amounts.RESOURCES:
            changed = not amounts.same(after[name], case.before[name], resource)
            kept = name in was and governed(was[name], resource)
            if (changed or kept) and _managed(case, name, resource):
                came = case.known.sizes[name]
                back = amounts.same(after[name], came, resource)
                if not (back and _returned(case, name, resource)):
                    out.add((name, resource))
    return out


def _returned(case: SizingCase, name: str, resource: str) -> bool:
    """Whether a size by hand was just removed of a resource that its policy would never lower."""
    podsize = case.view.podsize
    if podsize is None or podsize.status.observed_generation == podsize.generation:
        return False
    if (name, resource) in case.by_hand:
        return False
    if resource not in governing.policy_of(case.settings, name).rising:
        return False
    mine = (c for c in podsize.status.changes if (c.container, c.resource) == (name, resource))
    last = next(mine, None)
    return last is not None and last.reason is Reason.MANUAL


def _same_values(old: StoredSize, containers: tuple[ContainerSize, ...]) -> bool:
    return [(c.name, c.size) for c in old.containers] == [(c.name, c.size) for c in containers]


def _only(size: Size, name: str, named: set[tuple[str, str]]) -> Size:
    for resource in amounts.RESOURCES:
        if (name, resource) not in named:
            size = amounts.with_pair(size, resource, None, None)
    return size
