"""What a process has noticed of a workload: its state and since when, and restarts of the day."""

from msgspec.structs import replace

from scaler.model import Action, Evict, Outcome, Plan, Standing, Wait
from scaler.reporting.journal import Journal
from store.model import Phase, Status
from store.reasons import Reason
from tests.unit.scaler.builders import NOW, stored, workload

DONE, FAILED = Outcome(done=True), Outcome(done=False, reason=Reason.DISRUPTION_BUDGET)
CALM = Standing(Phase.SETTLED, Reason.IN_BOUNDS, "used 1m")
EVICT = Evict(workload(), "web-1", "uid", stored(), Status(), "7")
MIDNIGHT = NOW + 3.5 * 3600


def noted(
    journal: Journal, now: float, says: Standing = CALM, action: Action | None = None
) -> None:
    journal.note(Plan(workload(), says, action or Wait()), says, DONE, now)


def test_a_state_lasts_while_phase_and_reason_are_the_same() -> None:
    journal = Journal()
    assert journal.state(workload()) is None
    noted(journal, NOW)
    newer = replace(CALM, message="used 2m")
    noted(journal, NOW + 10, newer)
    assert journal.state(workload()) == (newer, NOW)
    blocked = Standing(Phase.BLOCKED, Reason.QUOTA, "")
    noted(journal, NOW + 20, blocked)
    assert journal.state(workload()) == (blocked, NOW + 20)


def test_pods_that_were_replaced_are_counted_until_midnight() -> None:
    journal = Journal()
    for _ in range(2):
        noted(journal, NOW, action=EVICT)
    journal.note(Plan(workload(), CALM, EVICT), CALM, FAILED, NOW)
    noted(journal, NOW)
    assert journal.restarts(workload(), NOW) == 2
    assert journal.restarts(workload(), MIDNIGHT) == 0
    noted(journal, MIDNIGHT, action=EVICT)
    assert journal.restarts(workload(), MIDNIGHT) == 1


def test_workloads_that_are_gone_are_forgotten() -> None:
    journal = Journal()
    noted(journal, NOW, action=EVICT)
    journal.keep({workload("Deployment")})
    assert journal.state(workload()) is None and journal.restarts(workload(), NOW) == 0
