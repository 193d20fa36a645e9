"""The status as it is to be written, and whether that is worth a write."""

from dataclasses import replace

from scaler.model import Wait
from tests.unit.scaler.builders import around, carried_out, planned, using, view
from tests.unit.scaler.statuses import settled, status_of


def test_a_message_alone_is_no_news() -> None:
    seen = view()
    seen = carried_out(seen, planned(seen, around(using(nginx=100))))
    for used in (1, 200, 300):
        assert isinstance(planned(seen, around(using(nginx=used))).action, Wait)


def test_an_edit_of_the_spec_is_seen() -> None:
    seen = settled()
    assert seen.podsize
    edited = replace(seen, podsize=replace(seen.podsize, generation=5))
    assert status_of(edited).observed_generation == 5
