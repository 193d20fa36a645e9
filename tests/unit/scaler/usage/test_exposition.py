"""Lines of the Prometheus text format as numbers: the table of exposition.py."""

import time
from math import isfinite

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from scaler.usage.exposition import LONGEST, UNUSUAL, read

KEY = 'namespace="shop",pod="web-1",container="nginx"'


def lines(*given: str) -> list[object]:
    return [*read(given, ("used", "held"))]


def test_a_line_is_its_metric_container_value_and_time() -> None:
    found = lines(f"used{{{KEY}}} 1.5 1000", f"held{{{KEY}}} 2", f"other{{{KEY}}} 3")
    key = ("shop", "web-1", "nginx")
    assert found == [("used", key, 1.5, 1.0), ("held", key, 2.0, None)]


@pytest.mark.parametrize(
    "line",
    [
        f"used{{{KEY}}} NaN",
        f"used{{{KEY}}} +Inf",
        f"used{{{KEY}}} -1",
        'used{namespace="shop",pod="web-1"} 1',
        'used{pod="web-1",container="nginx"} 1',
        "used 1",
    ],
)
def test_what_is_no_number_of_a_container_is_left_out(line: str) -> None:
    assert lines(line) == []


@pytest.mark.parametrize("line", [f"used{{{KEY}}}", f"used{{{KEY} 1", "used{ 1"])
def test_what_is_not_of_the_format_breaks_the_answer(line: str) -> None:
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        lines(line)


METRICS = ("used", "held")


def by_the_field(line: str) -> list[object] | None:
    """What Prometheus' own client makes of a line; None: it is not of the format."""
    try:
        samples = [s for f in text_string_to_metric_families(line) for s in f.samples]
        found: list[object] = []
        for name, labels, value, at, *_ in samples:
            key = tuple(labels.get(n, "") for n in ("namespace", "pod", "container"))
            if name in METRICS and all(key) and isfinite(value) and value >= 0:
                since = at if isinstance(at, int | float) and isfinite(at) and at > 0 else None
                found.append((name, key, float(value), since))
    except (ValueError, IndexError, OverflowError):
        return None
    return found


def by_us(line: str) -> list[object] | None:
    try:
        return lines(line)
    except ValueError:
        return None


spaces = st.sampled_from(["", "", "", " ", "  ", "\t", "\r", "\u2028"])
names = st.sampled_from(["container", "namespace", "pod", "id", "image", "name", "__name__", "0x"])
texts = st.text(st.sampled_from('ab-. \t"\\n{},=#\u00e9\u2028'), max_size=6)
values = st.one_of(texts.map(lambda t: f'"{t}"'), texts, st.just('"web"'))
numbers = st.one_of(
    st.sampled_from(["NaN", "+Inf", "-1", "1e999", "1_0", "0x1", "", "1 2", ".5", "5.", "1E3"]),
    st.integers(0, 10**25).map(str),
    st.floats(allow_nan=False).map(str),
    st.floats(0).map("{:e}".format),
)
KNOWN = ("container", "id", "image", "name", "namespace", "pod")


@st.composite
def usual(draw: st.DrawFn) -> str:
    """A line that is nearly as a kubelet writes it."""
    those = draw(st.sampled_from([KNOWN, ("container", "namespace", "pod"), KNOWN[:3]]))
    pairs = [f'{name}="{draw(st.sampled_from(["", "web", "a b", "{}", chr(92) * 2, "é"]))}"'
             for name in draw(st.permutations(those) | st.just(those))]  # fmt: skip
    at = draw(st.one_of(st.just(""), st.integers(-9, 10**14).map(" {}".format)))
    return f"{draw(st.sampled_from(METRICS))}{{{','.join(pairs)}}} {draw(numbers)}{at}"


@st.composite
def odd(draw: st.DrawFn) -> str:
    """A line of the same parts, put together in any way."""
    pairs = draw(st.lists(st.tuples(names, spaces, values, spaces), max_size=5))
    labels = ",".join(f"{s}{n}={v}{t}" for n, s, v, t in pairs)
    metric, end = draw(st.sampled_from(["used", "held", "other", "", "# TYPE used"])), draw(spaces)
    return f"{draw(spaces)}{metric}{draw(spaces)}{{{labels}{end}}}{draw(spaces)}{draw(numbers)}"


@settings(max_examples=400, deadline=None)
@given(st.one_of(usual(), odd(), st.text(max_size=30)).filter(lambda line: "\n" not in line))
@example(f"used{{{KEY}}} 12345678901234567890123 1")
@example('used{container="a",namespace="b",pod="c",container="d"} 1')
@example('used{container="a",namespace="b",pod="c",} 1')
@example('used{container="a",namespace="b",pod="c"} 1 0')
@example('used{container="a",namespace="b",pod="c"} 1 -5')
@example('used{container="a",namespace="b",pod="c"} 1 2 3')
@example('used{container="a\\"",namespace="b",pod="c"} 1')
def test_a_line_says_what_the_field_s_parser_says(line: str) -> None:
    assert by_us(line) == by_the_field(line)


@pytest.mark.parametrize("line", ["", " ", "# HELP used of something", "# used{ 1"])
def test_what_says_nothing_is_left_out(line: str) -> None:
    assert lines(line) == []


LONG = 'used{pod="' + '\\"' * LONGEST


def test_lines_that_are_made_to_take_long_break_the_answer() -> None:
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        lines(LONG + '"} 1')
    slow = LONG[: LONGEST - 4] + '"} 1'
    began = time.process_time()
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        lines(*[slow] * (2 * UNUSUAL // LONGEST))
    assert time.process_time() - began < 10  # 0.6 s where it was measured
    many = [f"used{{ {KEY} }} {n}" for n in range(2 * UNUSUAL // 50)]
    with pytest.raises(ValueError, match="not the Prometheus text format"):
        lines(*many)
