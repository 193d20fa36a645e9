"""What a status says of its sizes: the highest revision, and whether one was rolled back."""

import pytest
from msgspec.structs import replace

from store.model import Apply, ClassSize, ContainerSize, Phase, Resources, Size, Status, StoredSize
from store.reasons import Reason
from store.records import Change


@pytest.mark.parametrize(
    ("status", "highest"),
    [
        (Status(), 0),
        (Status(size=StoredSize(3, Apply.ALL, ())), 3),
        (Status(size=StoredSize(3, Apply.NEW, ()), last_good=StoredSize(5, Apply.ALL, ())), 5),
        (Status(changes=(Change("", 7, "c", "cpu", None, None, Reason.MANUAL),)), 7),
    ],
)
def test_the_highest_revision_is_known_also_after_opting_out(status: Status, highest: int) -> None:
    assert status.highest_revision == highest


SIZE = StoredSize(3, Apply.ALL, ())
LINE = Change("", 3, "c", "cpu", "1", "500m", Reason.ROLLED_BACK)


@pytest.mark.parametrize(
    ("status", "rolled_back"),
    [
        (Status(), False),
        (Status(size=SIZE), False),
        (Status(size=SIZE, changes=(LINE,)), True),
        (Status(size=SIZE, changes=(replace(LINE, reason=Reason.DOUBLED),)), False),
        (Status(size=SIZE, changes=(replace(LINE, revision=2),)), False),
        (Status(size=SIZE, phase=Phase.ROLLED_BACK), False),
        (Status(size=replace(SIZE, apply=Apply.NEW), phase=Phase.ROLLED_BACK), True),
        (Status(size=replace(SIZE, apply=Apply.NEW), reason=Reason.ROLLED_BACK), True),
        (Status(changes=(LINE,), phase=Phase.ROLLED_BACK), False),
    ],
    ids=[
        *("nothing stored", "a size", "its line says so", "its line says otherwise"),
        *("another revision's line does", "the phase alone", "the phase, for new pods only"),
        *("the reason, for new pods only", "nothing stored any more"),
    ],
)
def test_a_status_says_whether_its_size_was_rolled_back_to(
    status: Status, rolled_back: bool
) -> None:
    assert status.retreated is rolled_back


BIG = (ContainerSize("main", Size(Resources(800))),)
SMALL = (ContainerSize("main", Size(Resources(200))),)
BY_CLASS = StoredSize(3, Apply.ALL, SMALL, classes=(ClassSize("pi", BIG), ClassSize("arm64")))


@pytest.mark.parametrize(
    ("name", "containers"), [("pi", BIG), ("arm64", ()), ("other", SMALL), (None, SMALL)]
)
def test_a_kind_of_node_has_its_size_or_the_default(
    name: str | None, containers: tuple[ContainerSize, ...]
) -> None:
    assert BY_CLASS.of_class(name) == StoredSize(3, Apply.ALL, containers)


def test_without_sizes_by_class_nothing_is_made() -> None:
    assert SIZE.of_class("pi") is SIZE
