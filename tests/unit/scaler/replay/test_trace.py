"""Traces from text, and where bad ones are wrong."""

import json
import re

import pytest

from scaler.replay.trace import BadTrace, Trace, parse


def one(text: str) -> Trace:
    [trace] = parse("t.csv", text)
    return trace


def test_a_value_stands_for_the_time_since_the_one_before() -> None:
    trace = one("seconds,cpu_millicores\n0,10\n300,20\n600,30\n")
    assert trace.cpu == (10.0,) * 5 + (20.0,) * 5 + (30.0,) * 5
    assert (trace.start, trace.memory) == (-300.0, None)


def test_a_heading_is_not_needed_and_memory_is_a_third_column() -> None:
    trace = one("60,10,1000\n120,20,2000\n")
    assert trace.cpu == (10.0, 20.0)
    assert trace.memory == (1000.0, 2000.0)


def test_values_closer_than_a_minute_are_averaged_by_their_time() -> None:
    assert one("15,10\n30,10\n45,30\n60,50\n").cpu == (25.0,)


def test_a_gap_is_unknown_and_so_is_an_empty_value() -> None:
    trace = one("60,10\n120,10\n180,10\n600,40\n660,\n720,50\n")
    assert trace.cpu == (10.0,) * 3 + (None,) * 6 + (40.0, None, 50.0)


def test_a_reading_that_is_late_by_less_than_half_stands_for_all_of_it() -> None:
    assert one("300,10\n600,10\n900,10\n1500,20\n").cpu == (10.0,) * 15 + (20.0,) * 10


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("", "1:1", "no usage"),
        ("seconds,cpu\n", "1:1", "no usage"),
        ("0,10\n300,2x\n", "2:5", '"2x" is not an amount'),
        ("0,10\n300, -2\n", "2:6", '"-2" is not an amount'),
        ("0,10\n300,nan\n", "2:5", '"nan" is not an amount'),
        ("0,10\n0,20\n", "2:1", "not after the line before"),
        ("0,10\n5\n", "2:1", "1 columns"),
        ("0,1,2,3\n", "1:1", "4 columns"),
        ("0,10\n,20\n", "2:1", "not an amount"),
        ("0,10\n60,20,1e\n", "2:7", '"1e" is not an amount'),
        ('{"data": \n  oops}', "2:3", "no JSON"),
        ('{"status": "error"}', "1:1", "data.result is missing"),
        ("[1, 2]", "1:1", "data.result is missing"),
    ],
)
def test_bad_text_gets_its_line_and_column(text: str, where: str, why: str) -> None:
    with pytest.raises(BadTrace, match=re.escape(why)) as caught:
        parse("t.csv", text)
    assert str(caught.value).startswith(f"t.csv:{where}: ")


def answer(*series: tuple[dict[str, str], list[list[object]]]) -> str:
    result = [{"metric": labels, "values": values} for labels, values in series]
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}})


POD = {"namespace": "shop", "pod": "web-1", "container": "web"}


def test_a_range_query_is_in_cores_and_has_a_trace_for_each_series() -> None:
    text = answer(
        (POD, [[1000, "0.5"], [1060, "0.25"]]),
        ({**POD, "pod": "web-2"}, [[1000, "1"], [1060, "NaN"], [1120, "2"]]),
    )
    first, second = parse("q.json", text)
    assert (first.name, first.cpu) == ("q.json shop/web-1/web", (500.0, 250.0))
    assert second.cpu == (1000.0, None, 2000.0)


def test_memory_goes_with_the_series_of_the_same_labels() -> None:
    held = {**POD, "__name__": "container_memory_working_set_bytes"}
    text = answer((POD, [[60, "0.5"], [120, "0.5"]]), (held, [[60, "1000"], [120, "3000"]]))
    [trace] = parse("q.json", text)
    assert trace.memory == (1000.0, 3000.0)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([[0, "0.1"], [60, "x"]], "is no value"),
        ([[0, "0.1"], [60, "-1"]], "is not an amount"),
        ([[0, "0.1"], [60]], "is no value"),
        ([[60, "0.1"], [60, "0.2"]], "not after the one before"),
    ],
)
def test_a_bad_value_in_json_is_found(values: list[list[object]], why: str) -> None:
    text = answer((POD, values)).replace("[60", "\n[60")
    with pytest.raises(BadTrace, match=why) as caught:
        parse("q.json", text)
    assert not str(caught.value).startswith("q.json:1:"), "the line of the value"


def test_an_instant_query_is_not_one_over_time() -> None:
    text = json.dumps({"data": {"result": [{"metric": POD, "value": [0, "1"]}]}})
    with pytest.raises(BadTrace, match="no range query"):
        parse("q.json", text)
    with pytest.raises(BadTrace, match="no series of CPU"):
        parse("q.json", answer())
