"""Answers about what has not changed are found once, and never stay when something has changed."""

from kube import objects
from kube.memo import once
from tests.unit.scaler.builders import NGINX, pod


def test_a_memoised_question_is_worked_out_once_for_each_object() -> None:
    asked = []

    @once
    def name(found: objects.Pod) -> str:
        asked.append(found)
        return found.metadata.name

    one, other = pod("a", NGINX), pod("a", NGINX)
    assert [name(one), name(one), name(other)] == ["a", "a", "a"]
    assert len(asked) == 2, "equal objects are two"
    assert one == other
