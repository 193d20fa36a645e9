"""A server's answers as rows, and the questions: which pods are a workload's."""

import json
import re

import pytest

from scaler.history import served
from scaler.history.row import Row
from store.model import Workload

AT = 1_795_000_500


def answer(**figures: list[tuple[int, str]]) -> bytes:
    result = [{"metric": {"figure": k}, "values": v} for k, v in figures.items()]
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data}).encode()


def rows(**figures: list[tuple[int, str]]) -> tuple[Row, ...]:
    return served.rows(served.series(answer(**figures)), 60)


def test_figures_of_one_time_are_one_row_in_our_units() -> None:
    (row,) = rows(
        cpu_mean=[(AT, "0.25")],
        cpu_max=[(AT, "0.5")],
        throttled=[(AT, "0.125")],
        memory=[(AT, "1048576")],
        working_set=[(AT, "2097152")],
        cpu_request=[(AT, "102")],
        cpu_limit=[(AT, "0.2")],
        memory_limit=[(AT, "4194304")],
    )
    assert row == Row(
        *(AT - 60, 60, 250.0, 500.0, 0.125, 1048576, 2097152),
        *(100, 200, None, 4194304),
    )


def test_what_is_not_scraped_is_unknown_and_without_cpu_there_is_no_row() -> None:
    assert rows(memory=[(AT, "1")]) == ()
    (row,) = rows(cpu_mean=[(AT, "0")], memory_limit=[(AT, "0")], throttled=[(AT, "NaN")])
    assert row == Row(AT - 60, 60, 0.0, 0.0)


def test_rows_are_in_order_and_gaps_stay() -> None:
    found = rows(cpu_mean=[(AT + 300, "1"), (AT, "2")])
    assert [(r.at, r.cpu_mean) for r in found] == [(AT - 60, 2000.0), (AT + 240, 1000.0)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>sign in</html>",
        b"[]",
        b'{"status": "error", "error": "no"}',
        b'{"status": "success", "data": {"resultType": "vector", "result": []}}',
        b'{"status": "success", "data": {"resultType": "matrix", "result": [{"values": [[1]]}]}}',
    ],
)
def test_an_answer_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="not "):
        served.series(body)


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="many"):
        rows(cpu_mean=[(AT, "many")])


@pytest.mark.parametrize(
    ("kind", "mine", "others"),
    [
        (
            "Deployment",
            ["web-7c5ddbdf54-x7k2p", "web-5d8c-4bmwl"],
            ["web-api-7c5ddbdf54-x7k2p", "web-x7k2p", "aweb-7c5ddbdf54-x7k2p", "web-0"],
        ),
        ("StatefulSet", ["web-0", "web-12"], ["web-x7k2p", "web-api-0", "web-0-1"]),
        ("DaemonSet", ["web-x7k2p"], ["web-7c5ddbdf54-x7k2p", "web-api-x7k2p", "web-0"]),
        ("ReplicationController", ["web-x7k2p"], ["web-12"]),
    ],
)
def test_a_workload_s_pods_are_told_by_their_names(
    kind: str, mine: list[str], others: list[str]
) -> None:
    matchers = served.selected(Workload("v1", kind, "shop", "web"))
    found = re.search(r'pod=~"([^"]*)"', matchers)
    assert found is not None and 'namespace="shop"' in matchers
    assert [n for n in (*mine, *others) if re.fullmatch(found[1], n)] == mine


def test_a_name_can_neither_end_a_string_nor_stand_for_another() -> None:
    query = served.question(Workload("v1", "DaemonSet", 'a"} or up{x="', "a.b"), 'c"\\', 60)
    assert 'namespace="a} or up{x="' in query and "a[.]b-" in query and 'container="c"' in query
