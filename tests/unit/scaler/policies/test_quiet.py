"""How quiet grows, breaks, and is kept: every row of the tables."""

import pytest

from kube import timestamps
from scaler.model import Stretch
from scaler.policies import quiet
from scaler.policies.policy import Patience, PodMinute
from scaler.usage.window import Minute, NoMinute
from store.reasons import Reason
from store.records import Quiet
from tests.unit.scaler.builders import NOW

LEVEL = 200.0
HALF_AN_HOUR = Patience()


def minute(mean: float = 10.0, seconds: float = 60.0) -> PodMinute:
    return PodMinute(Minute(mean, seconds, 0, NOW))


DEAF = PodMinute(NoMinute(Reason.STALE_USAGE, "old"))
YOUNG = PodMinute(NoMinute(Reason.WARMING_UP, "just started"), young=True)
BEFORE = Stretch(600.0, NOW - 15, LEVEL)
OVER = Stretch(0.0, NOW, LEVEL)


@pytest.mark.parametrize(
    ("before", "minutes", "after"),
    [
        pytest.param(BEFORE, [minute()], Stretch(615.0, NOW, LEVEL), id="grows"),
        pytest.param(BEFORE, [minute(199.9)], Stretch(615.0, NOW, LEVEL), id="just below"),
        pytest.param(BEFORE, [minute(200.0)], OVER, id="reaches the level"),
        pytest.param(BEFORE, [minute(), minute(900.0)], OVER, id="one busy pod of two"),
        pytest.param(BEFORE, [minute(), DEAF], OVER, id="one pod is not known"),
        pytest.param(BEFORE, [minute(), YOUNG], Stretch(600.0, NOW, LEVEL), id="one is young"),
        pytest.param(BEFORE, [minute(300.0), YOUNG], OVER, id="one is young, the other busy"),
        pytest.param(BEFORE, [YOUNG], BEFORE, id="all are young: the next look is after a gap"),
        pytest.param(BEFORE, [], BEFORE, id="no pods: likewise"),
        pytest.param(Stretch(600.0, NOW - 15, 100.0), [minute()], OVER, id="another size"),
        pytest.param(
            Stretch(600.0, NOW - 64, LEVEL), [minute()], Stretch(664.0, NOW, LEVEL), id="touching"
        ),
        pytest.param(Stretch(600.0, NOW - 70, LEVEL), [minute()], OVER, id="a gap"),
        pytest.param(
            Stretch(600.0, NOW - 110, LEVEL),
            [minute(seconds=118.0)],
            Stretch(710.0, NOW, LEVEL),
            id="rare readings: the minute is longer",
        ),
        pytest.param(Stretch(600.0, NOW - 3600, LEVEL), [minute()], OVER, id="clock jumped ahead"),
        pytest.param(
            Stretch(600.0, NOW + 3600, LEVEL),
            [minute()],
            Stretch(600.0, NOW, LEVEL),
            id="clock jumped back: nothing is added",
        ),
        pytest.param(None, [minute()], None, id="nothing known, quiet: see taking up"),
        pytest.param(None, [DEAF], None, id="nothing known, and nobody speaks"),
        pytest.param(None, [minute(200.0), DEAF], OVER, id="nothing known, but busy"),
    ],
)
def test_the_quiet_of_a_container_after_one_look(
    before: Stretch | None, minutes: list[PodMinute], after: Stretch | None
) -> None:
    assert quiet.followed(before, minutes, LEVEL, NOW) == after


def kept(seconds: int, ago: float) -> Quiet:
    return Quiet("nginx", seconds, timestamps.text(NOW - ago))


@pytest.mark.parametrize(
    ("stored", "minutes", "after"),
    [
        pytest.param(kept(600, 90), [minute()], 600.0, id="goes on"),
        pytest.param(kept(1200, 899), [minute()], 1200.0, id="the longest hole"),
        pytest.param(kept(1200, 901), [minute()], 0.0, id="nobody looked for too long"),
        pytest.param(kept(1200, -60), [minute()], 0.0, id="from the future"),
        pytest.param(kept(1800, 60), [minute()], 1200.0, id="somebody wrote the whole: 2/3"),
        pytest.param(kept(10**9, 60), [minute()], 1200.0, id="or more"),
        pytest.param(Quiet("nginx", 600, "yesterday"), [minute()], 0.0, id="no time at all"),
        pytest.param(None, [minute()], 0.0, id="nothing stored"),
        pytest.param(kept(600, 90), [minute(), YOUNG], None, id="not all speak yet"),
        pytest.param(kept(600, 90), [DEAF], None, id="nobody speaks yet"),
        pytest.param(kept(600, 90), [], None, id="no pods"),
    ],
)
def test_a_new_process_takes_up_the_stored_quiet(
    stored: Quiet | None, minutes: list[PodMinute], after: float | None
) -> None:
    got = quiet.taken_up(stored, HALF_AN_HOUR, minutes, LEVEL, NOW)
    assert got == (None if after is None else Stretch(after, NOW, LEVEL))


@pytest.mark.parametrize(
    ("seconds", "stored", "after"),
    [
        pytest.param(599.0, None, None, id="nothing worth a write"),
        pytest.param(600.0, None, kept(600, 0), id="a third"),
        pytest.param(1100.0, kept(600, 500), kept(600, 500), id="no second write for it"),
        pytest.param(1200.0, kept(600, 600), kept(1200, 0), id="two thirds"),
        pytest.param(9999.0, kept(1200, 8000), kept(1200, 8000), id="and no more"),
        pytest.param(0.0, kept(1200, 60), None, id="busy: taken away"),
        pytest.param(30.0, kept(600, 60), None, id="quiet again"),
        pytest.param(None, kept(600, 60), kept(600, 60), id="nothing known yet: as it was"),
        pytest.param(None, None, None, id="nothing at all"),
    ],
)
def test_the_store_keeps_thirds_of_the_patience(
    seconds: float | None, stored: Quiet | None, after: Quiet | None
) -> None:
    stretch = None if seconds is None else Stretch(seconds, NOW, LEVEL)
    assert quiet.kept(stored, "nginx", stretch, HALF_AN_HOUR) == after


def test_the_quiet_that_a_new_process_takes_up_is_written_as_it_was() -> None:
    """A restart costs no write."""
    for seconds in (20, 61, 1800):
        for part in (1.1, 2.1):
            patience, stretch = Patience(seconds), Stretch(part * seconds / 3, NOW - 100, LEVEL)
            stored = quiet.kept(None, "nginx", stretch, patience)
            begun = quiet.taken_up(stored, patience, [minute()], LEVEL, NOW)
            assert stored is not None
            assert quiet.kept(stored, "nginx", begun, patience) is stored


@pytest.mark.parametrize("seconds", [3, 20, 61, 1800, 86400])
def test_any_patience_costs_two_writes(seconds: int) -> None:
    patience, stored, writes = Patience(seconds), None, 0
    for tenth in range(20 * seconds):
        if tenth % max(1, seconds // 50):
            continue
        got = quiet.kept(stored, "c", Stretch(tenth / 10, NOW + tenth / 10, 1.0), patience)
        writes += got != stored
        stored = got
    assert writes == 2


def test_a_cycle_that_does_not_look_forgets_nothing() -> None:
    from tests.unit.scaler.builders import workload

    web, old = workload(), {"nginx": BEFORE}
    assert quiet.remembered({web: old}, {web: {}}) == {web: old}
    assert quiet.remembered({web: old}, {}) == {}, "the workload is gone"


def test_what_is_throttled_is_not_quiet_however_low_its_mean() -> None:
    assert quiet.throttled(Minute(10.0, 60.0, 0, 0.0, throttled=0.6))
    assert not quiet.throttled(Minute(10.0, 60.0, 0, 0.0, throttled=0.4))
    assert not quiet.throttled(Minute(10.0, 60.0, 0, 0.0))
