"""The text of a kubelet as samples: the table of kubelet_metrics.py."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaler.usage.kubelet_metrics import parse
from tests.unit.scaler.usage.kubelets import ANSWER, CPU, MEMORY, SAMPLE, START


def test_a_kubelets_answer_becomes_samples() -> None:
    assert parse(ANSWER, 77.0) == [SAMPLE]


TEXTS = [
    ("nothing", "", 0),
    ("the three lines alone", f"{CPU}\n{MEMORY}\n{START}\n", 1),
    ("a start time without its own timestamp", f"{CPU}\n{MEMORY}\n{START.rsplit(' ', 1)[0]}", 1),
    ("any order", f"{START}\n{MEMORY}\n{CPU}", 1),
    ("carriage returns", f"{START}\r\n{MEMORY}\r\n{CPU}\r\n", 1),
    ("two containers, one complete", f"{CPU}\n{MEMORY}\n{START}\n{CPU.replace('nginx', 'b')}", 1),
    ("no timestamp", f"{CPU.rsplit(' ', 1)[0]}\n{MEMORY}\n{START}", 0),
    ("no start time", f"{CPU}\n{MEMORY}", 0),
    ("no memory", f"{CPU}\n{START}", 0),
    ("not a number", f"{CPU.replace('12.5', 'NaN')}\n{MEMORY}\n{START}", 0),
    ("infinite memory", f"{CPU}\n{MEMORY.replace('6.4e+07', '+Inf')}\n{START}", 0),
    ("negative", f"{CPU.replace('12.5', '-1')}\n{MEMORY}\n{START}", 0),
    ("a container without a name", f"{CPU}\n{MEMORY}\n{START}".replace("nginx", ""), 0),
    ("labels missing", "container_cpu_usage_seconds_total 1 2", 0),
    ("a metric with a longer name", f"{CPU}\n{MEMORY}\n{START}".replace("{", "_x{"), 0),
    ("somebody else's line that is broken", f'other{{a="b 1\n{CPU}\n{MEMORY}\n{START}', 1),
    ("a line separator that is not ours",
     f'{CPU}\n{MEMORY}\n{START}'.replace("{", '{x="\u2028",'), 1),
    ("a page of HTML", "<html><body>502 Bad Gateway</body></html>", 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "count"), TEXTS, ids=[t[0] for t in TEXTS])
def test_only_complete_samples_count(name: str, text: str, count: int) -> None:
    assert len(parse(text, 77.0)) == count


BROKEN = [
    "container_cpu_usage_seconds_total{",
    'container_cpu_usage_seconds_total{pod="a} 1 2',
    "container_cpu_usage_seconds_total{pod=a} 1 2",
    "container_cpu_usage_seconds_total{} one",
    "container_cpu_usage_seconds_total",
    f"{CPU}\n{MEMORY[:60]}",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_line_of_ours_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        parse(text, 77.0)


pieces = st.sampled_from([CPU, MEMORY, START, "container_start_time_seconds", "# TYPE ", "\n", " "])


@given(st.lists(st.one_of(pieces, st.text(max_size=8)), max_size=12).map("".join))
def test_any_text_is_samples_or_a_value_error(text: str) -> None:
    try:
        got = parse(text, 77.0)
    except ValueError:
        return
    assert all(s.reading.at > 0 and s.reading.cpu_seconds >= 0 for s in got)


def test_a_full_node_is_read_quickly() -> None:
    lines = f"{CPU}\n{MEMORY}\n{START}\n"
    text = "".join(lines.replace("web-1", f"web-{n}") for n in range(110))
    began = time.process_time()
    assert len(parse(text, 77.0)) == 110
    assert time.process_time() - began < 1  # 8 ms where it was measured
