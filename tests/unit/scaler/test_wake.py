"""What woke the loop."""

from scaler.wake import Wake


def test_the_first_cycle_is_about_everything() -> None:
    assert Wake().taken()


def test_an_object_that_a_watch_brought_concerns_its_workload_alone() -> None:
    wake = Wake()
    wake.taken()
    wake.changed()
    assert wake.is_set()
    assert not wake.taken()
    assert not wake.is_set()


def test_what_concerns_all_is_not_lost_among_objects() -> None:
    wake = Wake()
    wake.taken()
    wake.set()
    wake.changed()
    assert wake.taken()
    assert not wake.taken()
