"""The views that are updated are those that would be put together from nothing."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kube import objects
from scaler.cluster import updated_views
from scaler.cluster.snapshot import Snapshot, index
from scaler.cluster.updated_views import Seen, differing
from scaler.cluster.views import views
from scaler.policies.table import NAMES
from store.model import Workload
from tests.unit.scaler.builders import ours, owner, pod, podsize
from tests.unit.scaler.snapshots import snapshot

AUTO = ours({"mode": "auto"})
NAMED = ("a", "b", "c")
Change = Callable[[Snapshot], Snapshot]


def _meta(name: str, version: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "uid": f"uid-{name}", "resourceVersion": str(version), **more}


def _controller(uid: str, kind: str = "Deployment", version: str = "apps/v1") -> dict[str, Any]:
    found = {"kind": kind, "name": uid, "uid": uid, "apiVersion": version, "controller": True}
    return {"ownerReferences": [found]}


def _with(shot: Snapshot, kind: str, name: str, made: object | None) -> Snapshot:
    """One object of a kind is another one, or is gone."""
    held = shot.owners.get(kind, {}) if kind in KINDS else getattr(shot, kind)
    kept = {k: v for k, v in held.items() if made is not None or k[1] != name}
    there = kept if made is None else {**kept, ("shop", name): made}
    if kind in KINDS:
        return replace(shot, owners={**shot.owners, kind: there})
    return replace(shot, **{kind: there})


KINDS = ("ReplicationController", "Deployment", "ReplicaSet")
names, versions = st.sampled_from(NAMED), st.integers(1, 9)
there = st.booleans()


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """What a watch may bring."""
    name, version, made = draw(names), draw(versions), draw(there)
    kind = draw(st.sampled_from((*KINDS, "pods", "podsizes")))
    if kind in KINDS:
        annotated = AUTO if draw(there) else {}
        above = _controller(f"uid-{draw(names)}") if kind == "ReplicaSet" else {}
        uid = {"uid": f"{kind}-{name}-{draw(st.integers(0, 1))}"} if kind != "Deployment" else {}
        meta = _meta(name, version, **above) | uid
        one: object = owner(annotations=annotated, metadata=meta)
    elif kind == "pods":
        uids = [f"{k}-{n}-0" for k in KINDS for n in NAMED] + [f"psz-{n}" for n in NAMED]
        phase = draw(st.sampled_from(("Running", "Failed", "Succeeded")))
        one = pod(name, of=draw(st.sampled_from(uids)), generation=version, phase=phase)
    else:
        workload = Workload("v1", "ReplicationController", "shop", name)
        one = replace(podsize(), workload=workload, uid=f"psz-{name}", generation=version)
    return lambda shot: _with(shot, kind, name, one if made else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(changes(), max_size=3), max_size=12))
def test_after_any_changes_they_are_what_they_would_be_from_nothing(
    steps: list[list[Change]],
) -> None:
    shot, seen = snapshot(), Seen()
    for step in steps:
        for change in step:
            shot = change(shot)
        seen = updated_views.seen(shot, NAMES, seen)
        fresh = {v.workload: v for v in views(index(shot), NAMES)}
        assert [*seen.views.items()] == [*fresh.items()]


def test_a_pod_concerns_its_workload_alone() -> None:
    rcs = {("shop", n): owner(annotations=AUTO, metadata=_meta(n, 1)) for n in NAMED}
    shot = snapshot(*(pod(n, of=f"uid-{n}") for n in NAMED), owners={KINDS[0]: rcs})
    first = updated_views.seen(shot, NAMES, Seen())
    pods = {**shot.pods, ("shop", "b"): pod("b", of="uid-b", ready=False)}
    later = updated_views.seen(replace(shot, pods=pods), NAMES, first)
    kept = {w.name for w, v in later.views.items() if v is first.views[w]}
    assert kept == {"a", "c"}


def test_what_differs_is_found_with_other_keys_and_in_another_order() -> None:
    a, b, c = pod("a"), pod("b"), pod("c")
    before: dict[tuple[str, str], objects.Pod] = {("", "a"): a, ("", "b"): b}
    assert [*differing(before, before)] == []
    assert [*differing(before, {("", "a"): a, ("", "b"): c})] == [(b, c)]
    assert [*differing(before, {("", "b"): b, ("", "c"): c})] == [(None, c), (a, None)]
    assert [*differing(before, {("", "b"): b, ("", "a"): a})] == []
