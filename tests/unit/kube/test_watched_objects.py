"""Which version replaces which in memory, in any order of watch events and answers."""

import pytest

from kube.objects import Meta, Namespace
from kube.watched_objects import INSISTED, Held, older


def made(version: int, name: str = "a") -> Namespace:
    return Namespace(Meta(name, resource_version=str(version)))


A = ("", "a")


def holding(version: int, *objects: Namespace) -> Held[Namespace]:
    held: Held[Namespace] = Held()
    held.replace({("", o.metadata.name): o for o in objects}, str(version))
    return held


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("9", "10", True),
        ("10", "9", False),
        ("9", "9", False),
        ("", "9", False),
        ("9", "", False),
        ("x", "9", False),
        ("9", "x", False),
        ("²", "9", False),
    ],
)
def test_resource_versions_are_compared_only_where_both_are_numbers(
    a: str, b: str, expected: bool
) -> None:
    assert older(a, b) is expected


@pytest.mark.parametrize(("version", "kept"), [(4, False), (5, False), (6, True)])
def test_an_older_object_is_ignored(version: int, kept: bool) -> None:
    held = holding(5, made(5))
    assert held.keep(made(version)) is kept
    assert held.get(A) == made(max(version, 5))


def test_the_answer_to_a_write_never_brings_back_what_the_watch_saw_go() -> None:
    held = holding(5, made(5))
    # Our write makes version 6, somebody deletes the object at 7, and the watch reports that first.
    assert held.advance("6") and held.keep(made(6))
    assert held.advance("7") and held.drop(made(7).metadata)
    assert not held.keep(made(6))
    assert held.get(A) is None


def test_an_object_that_is_new_to_the_watch_is_kept() -> None:
    held = holding(5)
    assert held.keep(made(6))
    assert held.get(A) == made(6)


def test_a_late_end_never_removes_a_successor_of_the_same_name() -> None:
    held = holding(5, made(5))
    held.keep(made(9))
    assert not held.drop(made(7).metadata)
    assert held.drop(made(10).metadata)
    assert not held.drop(made(10).metadata)


def test_a_list_says_which_objects_came_changed_and_went() -> None:
    held = holding(5, made(1, "same"), made(2, "changed"), made(3, "gone"))
    new = {("", o.metadata.name): o for o in (made(1, "same"), made(6, "changed"), made(7, "came"))}
    assert sorted(held.replace(new, "7")) == [("", "came"), ("", "changed"), ("", "gone")]
    assert held.snapshot() == new


def test_a_list_is_stale_that_is_older_than_the_watch_or_our_own_writes() -> None:
    held = holding(5, made(3))
    assert held.ahead_of("4")
    assert not held.ahead_of("5")
    held.keep(made(8))
    assert held.ahead_of("7")
    held.advance("9")
    assert held.ahead_of("8")
    assert not held.ahead_of("9")


def test_a_watch_never_steps_back() -> None:
    held = holding(5)
    assert held.advance("5")
    assert not held.advance("4")
    assert held.version == "5"


def test_a_snapshot_never_changes() -> None:
    held = holding(5, made(5))
    before = held.snapshot()
    assert held.snapshot() is before
    held.keep(made(6))
    held.drop(made(7).metadata)
    assert before == {A: made(5)}
    assert held.snapshot() == {}


def test_an_old_list_is_believed_once_it_has_come_so_often_in_a_row() -> None:
    held: Held[Namespace] = Held()
    held.advance("9")
    assert not held.rejects("9")
    assert [held.rejects("8") for _ in range(INSISTED + 1)] == [True] * INSISTED + [False]
    held.replace({}, "9")
    assert held.rejects("8")
