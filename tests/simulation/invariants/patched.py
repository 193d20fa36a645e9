"""What must hold for each pod that our webhook changes."""

from store.injection import inject
from tests.simulation import facts, quantities
from tests.simulation.invariants.about import Patched, every_kind
from tests.simulation.invariants.registry import when_patched


@when_patched("a pod's QoS class stays what its manifest made it, unless `limits: none` was asked")
def qos_kept(p: Patched) -> str | None:
    if p.owner is None or facts.annotation(p.owner, "limits") == "none":
        return None
    before, after = quantities.qos(p.came), quantities.qos(p.made)
    return f"{before} became {after}" if before != after else None


@when_patched("every pod that is injected carries a revision that was in the store, and its values")
def injected_from_the_store(p: Patched) -> str | None:
    if p.owner is None or p.owner["metadata"].get("ownerReferences"):
        return None  # or its Deployment was just deleted, and its ReplicaSet is still there
    revision, had = facts.revision_of(p.made), facts.sizes_of(p.made)
    came = facts.came_with(p.made)
    if not revision:
        return None if had == came else f"revision {revision} changed {came} to {had}"
    if had == came and any(
        facts.refused_for_class(p.came, size.of_class(name))
        for size in p.memory.stored.get((facts.podsize_key(p.owner), revision), [])
        for name in every_kind(size)
    ):
        return None
    known = p.memory.stored.get((facts.podsize_key(p.owner), revision), [])
    if any(inject(s.of_class(k), came) == had for s in known for k in every_kind(s)):
        return None
    return f"revision {revision} made {had} of {came}, the store had {known}"
