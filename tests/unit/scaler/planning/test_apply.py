"""From what was decided to the next action: the table of apply.py."""

from kube import timestamps
from scaler.model import Resize, Wait, Write
from scaler.replacement.prospects import RestartLimits
from store.injection import inject
from store.model import Apply, ContainerSize, Phase, Status
from store.reasons import Reason
from store.records import Change, PodCount
from tests.unit.scaler.builders import DOUBLED, NGINX, NOW, asked, injected, pod, size, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned, using
from tests.unit.scaler.resized import resized
from tests.unit.scaler.statuses import HOT, line, status_of


def test_a_new_size_is_written_alone_and_with_its_history() -> None:
    new = status_of(view(), HOT)
    assert new.size == stored(1, stamped=False)
    assert (new.phase, new.reason) == (Phase.APPLYING, Reason.DOUBLED)
    assert new.message == "nginx used 480m of 500m for 60 s"
    assert new.pods == PodCount(2, 0)
    at = timestamps.text(NOW)
    assert new.changes == (Change(at, 1, "nginx", "cpu", "500m", "1", Reason.DOUBLED),)


def test_a_write_names_the_version_that_was_read() -> None:
    action = planned(view(), HOT).action
    assert isinstance(action, Write) and action.resource_version == "7"


def test_a_relearnt_basis_is_a_new_revision() -> None:
    """Pods with another basis got nothing: at the same revision they look rewritten."""
    real = {"nginx": size((200, 400))}
    old = stored(1, stamped=False)
    newest = pod("b", real, stamp_of=(1, real), created="2026-11-23T20:00:00Z")
    seen = view(injected("a", old), newest, status=Status(size=old, changes=(line(1),)))
    new = status_of(seen)
    assert new.size and (new.size.revision, new.size.stamped) == (2, True)
    assert inject(new.size, real) == {"nginx": DOUBLED}
    assert (new.phase, new.reason) == (Phase.APPLYING, Reason.DOUBLED)
    assert planned(carried_out(seen, planned(seen))).standing.reason is not Reason.REWRITTEN


def test_a_confirmed_basis_is_noted_without_a_new_revision() -> None:
    old = stored(1, stamped=False)
    seen = view(injected("a", old), injected("b", old), status=Status(size=old))
    assert status_of(seen).size == stored(1)


def test_an_observed_workload_changes_in_nothing_but_the_wish() -> None:
    seen = view(settings=asked(mode="observe"))
    new = status_of(seen, HOT)
    assert new.size is None
    assert [(c.name, c.size) for c in new.wish] == [("nginx", DOUBLED)]
    assert (new.phase, new.reason) == (Phase.OBSERVING, Reason.OBSERVING)
    assert new.message == "would be Doubled: nginx used 480m of 500m for 60 s"


def test_an_observed_workload_keeps_the_pods_of_a_change_that_had_begun() -> None:
    seen = view(pod("a"), pod("b"), settings=asked(mode="observe"), status=Status(size=stored()))
    new = status_of(seen)
    assert new.size == stored() and [c.name for c in new.wish] == ["nginx"]


def test_a_wish_does_not_flicker_around_the_threshold() -> None:
    seen = view(settings=asked(mode="observe"))
    seen = carried_out(seen, planned(seen, HOT))
    for used in (449, 451, 440, 401, 460):
        assert isinstance(planned(seen, context(using(nginx=used))).action, Wait), used
    assert status_of(seen, context(using(nginx=399))).wish == ()


def test_a_paused_workload_keeps_its_size_and_says_what_would_be() -> None:
    seen = view(settings=asked(paused="true"))
    new = status_of(seen, HOT)
    assert (new.size, new.phase, new.reason) == (None, Phase.BLOCKED, Reason.PAUSED)
    assert [c.name for c in new.wish] == ["nginx"]
    assert "would be Doubled" in new.message


def test_a_dry_run_keeps_the_size_and_says_what_would_be() -> None:
    cycle = context(using(nginx=480), limits=RestartLimits(paused="scaler.dryRun is set"))
    new = status_of(view(), cycle)
    assert (new.size, new.reason) == (None, Reason.PAUSED)
    assert new.message.startswith("scaler.dryRun is set; ")


def test_a_paused_workload_with_nothing_to_do_does_not_say_paused() -> None:
    assert status_of(view(settings=asked(paused="true"))).reason is Reason.IN_BOUNDS


def test_a_wish_is_gone_once_it_is_fulfilled() -> None:
    seen = view(status=Status(wish=(ContainerSize("nginx", DOUBLED),)))
    assert status_of(seen, HOT).wish == ()


def test_a_size_for_new_pods_is_stored_for_all_before_a_running_one_is_resized() -> None:
    """As after `mode: initial` became `auto`: the store is written first."""
    old = stored(2, apply=Apply.NEW)
    pods = [resized(n, NGINX, generation=1, stamp_of=(1, NGINX)) for n in ("a", "b")]
    seen = view(*pods, status=Status(size=old), settings=asked(strategy="resize"))
    cycle = context(unresizable=lambda view, uid: None)
    first = planned(seen, cycle)
    assert isinstance(first.action, Write)
    assert first.action.status.size and first.action.status.size.apply is Apply.ALL
    assert isinstance(planned(carried_out(seen, first), cycle).action, Resize)
