"""The index of a snapshot: everything is found by its controller, nothing by labels."""

import msgspec
from msgspec.structs import replace

from kube import objects
from scaler.cluster.snapshot import NOTHING, index
from tests.unit.scaler.builders import owner, pod, podsize
from tests.unit.scaler.snapshots import snapshot


def test_pods_are_found_by_the_uid_of_their_controller() -> None:
    mine, other = pod("a", of="one"), pod("b", of="two")
    references = mine.metadata.owner_references or []
    plain = [msgspec.structs.replace(r, controller=False) for r in references]
    meta = msgspec.structs.replace(mine.metadata, name="c", owner_references=plain)
    nobodys = msgspec.structs.replace(mine, metadata=meta)
    assert index(snapshot(mine, other, nobodys)).pods_of == {"one": [mine], "two": [other]}


def test_replica_sets_are_found_by_the_uid_of_their_deployment() -> None:
    reference = {"kind": "Deployment", "name": "web", "uid": "d", "controller": True}
    mine = owner(metadata={"name": "web-1", "ownerReferences": [reference]})
    plain = owner(metadata={"name": "plain"})
    shot = snapshot(owners={"ReplicaSet": {("shop", "web-1"): mine, ("shop", "plain"): plain}})
    assert index(shot).sets_of == {"d": [mine]}


def test_a_podsize_is_found_by_its_workload() -> None:
    made = podsize()
    assert index(snapshot(podsizes=(made,))).podsize_of == {made.workload: made}


def test_limit_ranges_are_found_by_their_namespace() -> None:
    ranges = {
        (namespace, name): msgspec.convert(
            {"metadata": {"name": name, "namespace": namespace}}, objects.LimitRange
        )
        for namespace, name in (("shop", "a"), ("shop", "b"), ("bank", "c"))
    }
    found = index(replace(NOTHING, limit_ranges=ranges)).ranges_in
    assert {k: [r.metadata.name for r in v] for k, v in found.items()} == {
        "shop": ["a", "b"],
        "bank": ["c"],
    }


def test_before_the_first_look_nothing_is_found() -> None:
    found = index(NOTHING)
    assert not (found.pods_of or found.sets_of or found.ranges_in or found.podsize_of)
