"""Raw samples as readings: only where their times are the kubelet's own."""

import pytest
from msgspec.structs import replace

from scaler.history import raw
from scaler.history.served import Series
from scaler.usage import window
from scaler.usage.window import Minute

AT = 1_795_000_500.0
STARTED = AT - 3600
TIMES = [AT + offset for offset in (1.377, 13.02, 28.911, 41.5, 58.205, 73.93)]
SCRAPES = [AT + 15.0 * n for n in range(8)]
OF = {"namespace": "shop", "pod": "web-1", "container": "nginx", "job": "kubelet", "instance": "n"}
KEY = ("shop", "web-1", "nginx")


def series(values: list[float], times: list[float] = TIMES, **labels: str) -> Series:
    points = [(at, str(v)) for at, v in zip(times, values, strict=False)]
    return Series({**OF, **labels}, points)


def answers(times: list[float] = TIMES, **more: str) -> dict[str, list[Series]]:
    burnt = [10 + 0.5 * (at - AT) for at in times]
    up = Series({"job": "kubelet", "instance": "n"}, [(at, "1") for at in SCRAPES])
    return {
        raw.CPU: [series(burnt, times, **more)],
        raw.MEMORY: [series([2**20] * len(times), times, **more)],
        raw.STARTED: [series([STARTED] * len(times), times, **more)],
        raw.SCRAPED: [up],
    }


def test_a_minute_is_made_of_them_as_of_the_kubelet_s_own() -> None:
    found = raw.readings(answers())
    minute = window.minute(found[KEY], TIMES[-1] + 5)
    assert isinstance(minute, Minute)
    assert minute.mean == pytest.approx(500.0) and minute.memory == 2**20


def test_samples_with_the_time_of_the_scrape_are_left_out() -> None:
    assert raw.readings(answers(times=SCRAPES)) == {}


def test_without_a_word_of_the_scrapes_nothing_is_known_to_be_exact() -> None:
    given = answers()
    del given[raw.SCRAPED]
    assert raw.readings(given) == {}
    assert raw.readings({}) == {}


@pytest.mark.parametrize("missing", [raw.MEMORY, raw.STARTED])
def test_without_memory_or_a_start_there_is_no_reading(missing: str) -> None:
    assert raw.readings({**answers(), missing: []}) == {}


def test_after_a_restart_the_series_that_goes_on_counts() -> None:
    old, new = answers(id="/old"), answers([at + 60 for at in TIMES], id="/new")
    both = {name: [*new[name], *old[name]] for name in raw.METRICS}
    found = raw.readings({**both, raw.SCRAPED: new[raw.SCRAPED]})
    assert found[KEY][-1].at == TIMES[-1] + 60


def test_a_value_that_is_no_number_is_refused() -> None:
    given = answers()
    odd = replace(given[raw.CPU][0], values=[(TIMES[0], "many")])
    with pytest.raises(ValueError, match="many"):
        raw.readings({**given, raw.CPU: [odd]})
