"""What the manifest gives: read from the stamp, and edits take effect."""

import pytest
from msgspec.structs import replace

from scaler.cluster import manifest
from scaler.cluster.manifest import Basis
from store.model import Resources, Size
from tests.unit.scaler.builders import DOUBLED, NGINX, injected, owner, pod, size, stored, view

EDITED = {"nginx": size((300, 600))}
TEMPLATE, OTHER = stored().template, "another"
CONFIRMED, GUESSED = stored(), replace(stored(), stamped=False)


def test_a_basis_of_an_older_template_is_not_taken_for_the_edited_one_s() -> None:
    """Found by simulation: a raised manifest was undone by a size from pods before the edit."""
    seen = view(pod("web-1", NGINX), whose=owner(EDITED))
    assert manifest.recorded(seen, Basis(NGINX, False), TEMPLATE) == ""
    assert manifest.recorded(seen, Basis(EDITED, False), TEMPLATE) == TEMPLATE
    assert manifest.recorded(seen, Basis(NGINX, True), TEMPLATE) == TEMPLATE


def test_a_basis_of_an_older_template_is_not_taken_while_a_rollout_is_stuck() -> None:
    """Found by simulation: pods of the new template were refused, and the size was from the old."""
    known = Basis(NGINX, False)
    halted = owner(EDITED, metadata={"generation": 2})
    seen = view(pod("web-1", NGINX), kind="Deployment", whose=halted)
    assert manifest.recorded(seen, known, TEMPLATE) == ""
    seen = view(pod("web-1", NGINX), kind="Deployment", whose=owner(EDITED))
    assert manifest.recorded(seen, known, TEMPLATE) == TEMPLATE


def test_the_basis_is_learnt_from_the_newest_stamp() -> None:
    pods = [injected("a", None), injected("b", None, EDITED), pod("c", {"nginx": DOUBLED})]
    assert manifest.learnt(view(*pods)) == Basis(EDITED, True)


def test_the_basis_without_a_stamp_is_what_the_newest_pod_has() -> None:
    assert manifest.learnt(view(pod("a"), pod("b", EDITED))) == Basis(EDITED, False)


def test_the_basis_of_a_workload_without_pods_is_unknown() -> None:
    assert manifest.learnt(replace(view(), pods=())) is None


def test_containers_added_after_us_have_what_they_have() -> None:
    had = {"nginx": DOUBLED, "mesh": size((10, 10))}
    learnt = manifest.learnt(view(pod("a", had, stamp_of=(1, NGINX))))
    assert learnt == Basis({**NGINX, "mesh": size((10, 10))}, True)


def test_a_pod_without_stamp_never_replaces_what_the_size_was_computed_from() -> None:
    """Its own values may be the size."""
    known = manifest.kept(Basis({"nginx": DOUBLED, "side": size()}, False), CONFIRMED)
    assert known.sizes == {**NGINX, "side": size()}


def test_the_basis_is_that_of_the_newer_of_two_templates() -> None:
    """A pod of the old ReplicaSet that comes back in mid-rollout must not undo the edit."""
    old = owner(metadata={"uid": "old", "annotations": {"deployment.kubernetes.io/revision": "1"}})
    new = owner(metadata={"uid": "new", "annotations": {"deployment.kubernetes.io/revision": "2"}})
    pods = [injected("a", None, EDITED, of="new"), injected("b", None, of="old")]
    seen = view(*pods, kind="Deployment", replica_sets=(old, new))
    assert manifest.learnt(seen) == Basis(EDITED, True)


@pytest.mark.parametrize(
    ("sizes", "same"),
    [
        (NGINX, True),
        ({"nginx": size((300, 500))}, False),
        ({"nginx": size(memory=(64, 64))}, False),
        ({**NGINX, "side": size()}, False),
    ],
    ids=["unchanged", "a request", "a limit", "a container"],
)
def test_a_fingerprint_changes_with_resources(sizes: dict[str, Size], same: bool) -> None:
    def of(given: dict[str, Size]) -> str:
        return manifest.fingerprint(owner(given).spec.template.spec)

    assert (of(sizes) == of(NGINX)) is same


def test_a_fingerprint_does_not_see_the_image() -> None:
    images = [
        manifest.fingerprint(
            owner(template={"containers": [{"name": "a", "image": i}]}).spec.template.spec
        )
        for i in ("one", "two")
    ]
    assert images[0] == images[1] != manifest.fingerprint(owner().spec.template.spec)


def test_empty_resources_are_a_size_too() -> None:
    assert manifest.learnt(view(pod("a", {"nginx": Size(Resources(), Resources())}))) is not None
