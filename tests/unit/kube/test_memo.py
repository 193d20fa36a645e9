"""Results are computed once while their inputs are unchanged, and dropped when one changes."""

from msgspec import Struct

from kube import objects
from kube.memo import computed_once, once
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


def test_a_computed_attribute_is_worked_out_once_for_each_object() -> None:
    asked = []

    class Sum(Struct, frozen=True, dict=True):
        numbers: tuple[int, ...]

        @computed_once
        def total(self) -> int:
            """All of them."""
            asked.append(self.numbers)
            return sum(self.numbers)

    one, other = Sum((1, 2)), Sum((1, 2))
    assert [one.total, one.total, other.total] == [3, 3, 3]
    assert len(asked) == 2
    assert one == other and repr(one) == repr(Sum((1, 2)))
