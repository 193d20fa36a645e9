"""Has somebody edited the manifest since the size was computed?"""

import pytest
from msgspec.structs import replace

from scaler.cluster.manifest import Basis
from scaler.sizing import manifest_edits
from scaler.sizing.manifest_edits import ManifestEdits
from store.model import ContainerSize, Resources, Size, StoredSize
from tests.unit.scaler.builders import NGINX, size, stored

EDITED = {"nginx": size((300, 600))}
TEMPLATE, OTHER = stored().template, "another"
CONFIRMED, GUESSED = stored(), replace(stored(), stamped=False)


def relearnt(old: StoredSize) -> StoredSize:
    learnt = replace(old.containers[0], basis=EDITED["nginx"])
    return replace(old, containers=(learnt,), stamped=True)


def forgotten(old: StoredSize, template: str) -> StoredSize:
    return replace(old, containers=(), template=template, stamped=True)


CPU = (("nginx", "cpu"),)
ROWS = [
    ("nothing stored", None, Basis(EDITED, True), TEMPLATE, ManifestEdits(None)),
    ("equal", CONFIRMED, Basis(NGINX, True), TEMPLATE, ManifestEdits(CONFIRMED)),
    ("no pod has a stamp", CONFIRMED, Basis(EDITED, False), OTHER, ManifestEdits(CONFIRMED)),
    (
        "learnt again",
        GUESSED,
        Basis(EDITED, True),
        TEMPLATE,
        ManifestEdits(relearnt(GUESSED), again=True),
    ),
    (
        "a confirmed basis, the template as it was",
        CONFIRMED,
        Basis(EDITED, True),
        TEMPLATE,
        ManifestEdits(forgotten(CONFIRMED, TEMPLATE), CPU),
    ),
    (
        "an edited template, a guessed basis",
        GUESSED,
        Basis(EDITED, True),
        OTHER,
        ManifestEdits(forgotten(GUESSED, OTHER), CPU),
    ),
    (
        "both",
        CONFIRMED,
        Basis(EDITED, True),
        OTHER,
        ManifestEdits(forgotten(CONFIRMED, OTHER), CPU),
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "known", "template", "wanted"), ROWS, ids=[r[0] for r in ROWS]
)
def test_an_edited_manifest_takes_effect(
    name: str, old: StoredSize, known: Basis, template: str, wanted: ManifestEdits
) -> None:
    assert manifest_edits.of(old, known, template) == wanted


def test_a_size_of_another_class_than_what_pods_come_with_is_not_kept() -> None:
    """Found by simulation: the webhook never gives it, and pods were replaced for nothing."""
    equal = Size(Resources(300, 64), Resources(300, 64))  # Guaranteed; the size is not
    edits = manifest_edits.of(GUESSED, Basis({"nginx": equal}, True), TEMPLATE)
    assert edits.size is not None
    assert not edits.again and ("nginx", "cpu") in edits.edited


def test_an_edit_of_one_resource_leaves_the_other() -> None:
    both = ContainerSize("nginx", size((500, 1000), (100, 200)), NGINX["nginx"])
    old = replace(stored(), containers=(both,))
    got = manifest_edits.of(old, Basis(EDITED, True), OTHER)
    assert got.edited == CPU
    assert got.size and [c.size for c in got.size.containers] == [size((None, None), (100, 200))]


def test_an_edit_of_what_the_size_does_not_name_is_no_edit() -> None:
    came = {"nginx": size(memory=(100, 200))}
    assert manifest_edits.of(CONFIRMED, Basis(came, True), OTHER) == ManifestEdits(CONFIRMED)
