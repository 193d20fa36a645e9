"""A workload that opts out, and one that does so while nothing may change."""

from kube import timestamps
from scaler.model import Standing, Wait, Write
from scaler.planning import leaving
from scaler.replacement.prospects import RestartLimits
from store.model import Phase, Status
from store.reasons import Reason
from store.records import BackOff
from tests.unit.scaler.builders import NOW, injected, stored, view
from tests.unit.scaler.cycles import carried_out, context, planned
from tests.unit.scaler.statuses import line

DRY = context(limits=RestartLimits(paused="scaler.dryRun is set", dry_run=True))


def test_its_size_goes_and_its_history_stays() -> None:
    waits = BackOff(2, timestamps.text(NOW + 60))
    old = Status(size=stored(), backoff=waits, changes=(line(1),))
    left = leaving.plan(view(injected("a", stored()), settings=None, status=old), context())
    assert left and isinstance(left.action, Write)
    new = left.action.status
    assert (new.size, new.backoff, new.changes) == (None, BackOff(), old.changes)
    assert left.standing.reason is Reason.OPTED_OUT


def test_without_a_podsize_there_is_nothing_to_do() -> None:
    assert leaving.plan(view(settings=None, kept=None), context()) is None


def test_a_dry_run_takes_no_size_from_who_opts_out() -> None:
    seen = view(injected("a", stored()), settings=None, status=Status(size=stored()))
    dry = planned(seen, DRY)
    assert isinstance(dry.action, Write) and dry.action.status.size == stored()
    assert dry.standing == Standing(
        Phase.BLOCKED,
        Reason.PAUSED,
        "scaler.dryRun is set; would be OptedOut: new pods get the manifest's values",
    )
    assert isinstance(planned(carried_out(seen, dry), DRY).action, Wait)


def test_whose_size_is_gone_has_left_also_in_a_dry_run() -> None:
    left = view(settings=None, status=Status(changes=(line(1),)))
    assert planned(left, DRY).standing.reason is Reason.OPTED_OUT
