"""Traces from the product's own history, and where bad ones are wrong."""

import pytest

from scaler.replay import exported
from scaler.replay.trace import BadTrace, Trace

HEAD = "time,seconds,namespace,kind,workload,container,cpu_mean_millicores,memory_bytes,more\n"


def row(at: str, seconds: int = 60, cpu: str = "10", memory: str = "", of: str = "web") -> str:
    return f"2026-11-30T{at}Z,{seconds},shop,Deployment,{of},app,{cpu},{memory},x\n"


def read(*rows: str) -> list[Trace]:
    return exported.parse("-", HEAD + "".join(rows))


def test_a_quarter_of_an_hour_stands_for_its_minutes_and_a_gap_is_unknown() -> None:
    quarter = row("10:00:00", 900, "20", "1024")
    [trace] = read(quarter, row("10:15:00", cpu="30"), row("10:18:00", cpu="40"))
    assert trace.cpu == (20.0,) * 15 + (30.0, None, None, 40.0)
    assert trace.memory == (1024.0,) * 15 + (None,) * 4


def test_each_container_has_a_trace_of_its_own() -> None:
    web, shop = read(row("10:00:00"), row("10:00:00", of="db"), row("10:01:00"))
    assert (web.name, shop.name) == ("- shop/deployment/web/app", "- shop/deployment/db/app")
    assert (len(web.cpu), len(shop.cpu), web.memory) == (2, 1, None)


def test_an_export_is_known_by_its_heading() -> None:
    assert exported.is_one(HEAD + row("10:00:00"))
    assert not exported.is_one("seconds,cpu_millicores\n60,10\n")


BAD = {
    "no time": (row("10:61:00"), "-:2:1:"),
    "no amount": (row("10:00:00", cpu="much"), "-:2:49:"),
    "negative": (row("10:00:00", cpu="-1"), "-:2:49:"),
    "no seconds": (row("10:00:00", 0), "-:2:22:"),
    "not after": (row("10:01:00") + row("10:00:30"), "-:3:1:"),
    "a column less": ("2026-11-30T10:00:00Z,60,shop\n", "-:2:1:"),
    "a column more": (row("10:00:00").rstrip() + ",y,z\n", "-:2:1:"),
    "nothing": ("", "-:1:1:"),
}


@pytest.mark.parametrize(("text", "where"), BAD.values(), ids=BAD)
def test_bad_input_gets_its_line_and_column(text: str, where: str) -> None:
    with pytest.raises(BadTrace) as raised:
        read(text)
    assert str(raised.value).startswith(where)


def test_changes_are_no_usage() -> None:
    with pytest.raises(BadTrace, match="no column kind"):
        exported.parse("-", "time,seconds,namespace\n")
