"""Which containers a resize is to restart, as the status tells the webhook."""

import pytest

from scaler.annotations.options import BadAnnotation
from scaler.model import Wait, Write
from scaler.replacement.prospects import RestartLimits
from store.model import Status
from store.records import RestartOnResize
from tests.unit.scaler.builders import asked, owner, pod, size, view
from tests.unit.scaler.cycles import carried_out, context, planned
from tests.unit.scaler.statuses import HOT, settled, status_of

TWO = {"nginx": size(), "proxy": size()}
MEMORY = (RestartOnResize("nginx", ("memory",)),)


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ({}, {}),
        ({"restart_on_resize": "memory"}, {"nginx": ("memory",), "proxy": ("memory",)}),
        ({"restart_on_resize": "memory, cpu"}, {n: ("cpu", "memory") for n in TWO}),
        ({"restart_on_resize__nginx": "memory"}, {"nginx": ("memory",)}),
        (
            {"restart_on_resize": "memory", "restart_on_resize__nginx": "none"},
            {"proxy": ("memory",)},
        ),
        ({"restart_on_resize__other": "cpu"}, {"other": ("cpu",)}),
        ({"restart_on_resize": "memory", "mode": "initial"}, {n: ("memory",) for n in TWO}),
        ({"restart_on_resize": "memory", "mode__nginx": "off"}, {"proxy": ("memory",)}),
        ({"restart_on_resize": "memory", "mode__nginx": "observe"}, {"proxy": ("memory",)}),
        ({"restart_on_resize": "memory", "mode": "observe"}, {}),
    ],
)
def test_each_container_that_is_asked_for_and_acted_on_is_stored(
    values: dict[str, str], stored: dict[str, tuple[str, ...]]
) -> None:
    seen = view(pod("a", TWO), pod("b", TWO), settings=asked(**values), whose=owner(TWO))
    found = status_of(seen).restart_on_resize
    assert {one.name: one.resources for one in found} == stored


def test_it_is_written_once_and_with_a_new_size() -> None:
    seen = view(settings=asked(restart_on_resize="memory"))
    first = planned(seen)
    assert isinstance(first.action, Write)
    assert first.action.status.restart_on_resize == MEMORY
    assert isinstance(planned(carried_out(seen, first)).action, Wait)
    assert status_of(seen, HOT).restart_on_resize == MEMORY


def test_it_goes_with_the_annotation_and_comes_with_it_where_all_is_settled() -> None:
    old = settled()
    assert old.podsize is not None and isinstance(planned(old).action, Wait)
    asks = view(*old.pods, status=old.status, settings=asked(restart_on_resize="memory"))
    new = carried_out(asks, planned(asks))
    assert new.status.restart_on_resize == MEMORY
    gone = view(*new.pods, status=new.status)
    assert status_of(gone).restart_on_resize == ()


def test_it_stays_while_an_annotation_is_malformed_and_goes_for_who_leaves() -> None:
    before = Status(restart_on_resize=MEMORY)
    frozen = view(settings=BadAnnotation("x"), status=before)
    assert status_of(frozen).restart_on_resize == MEMORY
    assert status_of(view(settings=None, status=before)).restart_on_resize == ()


def test_in_a_dry_run_it_stays_as_it_is() -> None:
    dry = context(limits=RestartLimits(paused="scaler.dryRun is set", dry_run=True))
    asks = view(settings=asked(restart_on_resize="memory"))
    assert status_of(asks, dry).restart_on_resize == ()
    left = view(settings=None, status=Status(restart_on_resize=MEMORY))
    assert status_of(left, dry).restart_on_resize == MEMORY


def test_no_more_are_stored_than_the_crd_takes() -> None:
    many = {f"c{n:02}": size() for n in range(70)}
    seen = view(pod("a", many), settings=asked(restart_on_resize="cpu"), whose=owner(many))
    names = [one.name for one in status_of(seen).restart_on_resize]
    assert names == sorted(many)[:64]
