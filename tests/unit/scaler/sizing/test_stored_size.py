"""The size to store, and when it is a new revision: the table of stored_size.py."""

import pytest
from msgspec.structs import replace

from store.model import Apply, Resources, Size, Status
from store.reasons import Reason
from tests.unit.scaler.builders import DOUBLED, asked, injected, owner, pod, stored, view
from tests.unit.scaler.cycles import using
from tests.unit.scaler.sizing.deciding import TWO, decided, one, outcome


def test_a_second_step_goes_on_from_the_first() -> None:
    seen = view(injected("a", stored()), injected("b", stored()), status=Status(size=stored()))
    got = decided(seen, using(nginx=990))
    assert outcome(seen, got) == one((1000, 2000))
    assert got.size and got.size.revision == 2


class TestContainersModes:
    """`mode.<container>` differs from the workload's."""

    def test_an_observed_container_is_a_wish(self) -> None:
        seen = view(settings=asked(mode__nginx="observe"))
        got = decided(seen, using(nginx=480))
        assert got.size is None
        assert [(c.name, c.size) for c in got.wish] == [("nginx", DOUBLED)]

    def test_an_observed_container_stays_while_another_is_doubled(self) -> None:
        seen = view(
            pod("a", TWO), pod("b", TWO), whose=owner(TWO), settings=asked(mode__side="observe")
        )
        got = decided(seen, using(nginx=480, side=99))
        assert outcome(seen, got) == {"nginx": DOUBLED, "side": TWO["side"]}
        only = decided(seen, using(nginx=10, side=99))
        assert (only.size, only.reason) == (None, Reason.OBSERVING)
        assert only.message.startswith("would be Doubled: side used 99m")

    def test_the_stored_size_of_a_container_stays_while_it_is_observed(self) -> None:
        seen = view(
            injected("a", stored()),
            status=Status(size=stored()),
            settings=asked(mode__nginx="observe"),
        )
        assert decided(seen, using(nginx=10)).size == replace(stored(), apply=Apply.NEW)

    def test_the_stored_size_of_a_container_goes_when_it_is_switched_off(self) -> None:
        size = stored(1, {"nginx": DOUBLED, "side": Size(Resources(200), Resources(200))}, came=TWO)
        pods = [injected(n, size, TWO) for n in ("a", "b")]
        seen = view(
            *pods, whose=owner(TWO), status=Status(size=size), settings=asked(mode__nginx="off")
        )
        got = decided(seen, using(side=10))
        assert got.reason is Reason.OPTED_OUT
        assert got.message == "opted out, nginx: cpu 1 to 500m"
        assert got.size and [c.name for c in got.size.containers] == ["side"]

    @pytest.mark.parametrize(
        ("mode", "apply"), [("initial", Apply.NEW), ("auto", Apply.ALL)], ids=["initial", "auto"]
    )
    def test_the_mode_says_whether_running_pods_are_brought_to_the_size(
        self, mode: str, apply: Apply
    ) -> None:
        other = Apply.ALL if apply is Apply.NEW else Apply.NEW
        old = stored(apply=other)
        seen = view(injected("a", old), status=Status(size=old), settings=asked(mode=mode))
        assert decided(seen, using()).size == stored(apply=apply)

    def test_a_rolled_back_size_stays_for_new_pods_only(self) -> None:
        old = stored(apply=Apply.NEW)
        status = Status(size=old, reason=Reason.ROLLED_BACK)
        assert decided(view(injected("a", old), status=status), using()).size == old
