"""Usage over time from text: CSV, or the JSON answer of a Prometheus range query. Pure.

| text                                                | is                                         |
| --------------------------------------------------- | ------------------------------------------ |
| CSV: seconds, millicores and, if known, bytes       | one container; a line that begins with a   |
|                                                     | letter is a heading; an empty value is     |
|                                                     | unknown                                    |
| JSON: `data.result` with `metric` and `values`      | one container for each series, in cores; a |
|                                                     | series whose `__name__` has `memory` goes, |
|                                                     | in bytes, with the one that has the same   |
|                                                     | other labels                               |
| anything else, or times that do not rise            | `BadTrace`: file, line and column          |

A value stands for the time since the one before. Values more than two and a half times as far apart
as usual (the median) leave a gap: what was used in it is unknown, which is not zero.
"""

import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

MINUTE = 60.0
_APART = 2.5
_COLUMNS = 3
_LEAST = 30.0  # seconds of a minute that must be known


class BadTrace(Exception):
    """A trace that cannot be read; the text says where and why."""

    def __init__(self, name: str, line: int, column: int, why: str) -> None:
        super().__init__(f"{name}:{line}:{column}: {why}")


class Trace(Struct, frozen=True):
    """What one container wants in each minute; None: unknown. CPU in millicores, memory in bytes.

    `start`: of the first minute, in seconds. `memory` None: nothing is known of it at all.
    """

    name: str
    start: float
    cpu: tuple[float | None, ...]
    memory: tuple[float | None, ...] | None = None


Point = tuple[float, float | None]
"""Seconds, and the value since the point before."""
Stretch = tuple[float, float, float | None]
"""Its start and its end, in seconds, and the mean."""


def parse(name: str, text: str) -> list[Trace]:
    """The traces in a file's text. Raises BadTrace."""
    return _from_json(name, text) if text.lstrip()[:1] in ("{", "[") else [_from_csv(name, text)]


def _from_csv(name: str, text: str) -> Trace:
    rows: list[tuple[float, float | None, float | None]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or (not rows and line.lstrip()[0].isalpha()):
            continue
        fields = line.split(",")
        if not 2 <= len(fields) <= _COLUMNS:
            why = f"{len(fields)} columns: seconds, millicores and perhaps bytes are expected"
            raise BadTrace(name, number, 1, why)
        values = [_number(name, number, fields, n) for n in range(len(fields))]
        at = values[0]
        if at is None:
            raise BadTrace(name, number, 1, "the time is missing")
        if rows and at <= rows[-1][0]:
            raise BadTrace(name, number, 1, f"{fields[0].strip()} is not after the line before")
        rows.append((at, values[1], values[2] if len(values) == _COLUMNS else None))
    if not rows:
        raise BadTrace(name, 1, 1, "there is no usage in it")
    cpu, memory = [(r[0], r[1]) for r in rows], [(r[0], r[2]) for r in rows]
    return _trace(name, cpu, memory if any(m is not None for _, m in memory) else None)


def _number(name: str, line: int, fields: Sequence[str], index: int) -> float | None:
    text = fields[index].strip()
    if not text and index:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (index and value < 0):
        column = sum(len(f) + 1 for f in fields[:index]) + 1
        column += len(fields[index]) - len(fields[index].lstrip())
        raise BadTrace(name, line, column, f'"{text}" is not an amount')
    return value


def _from_json(name: str, text: str) -> list[Trace]:
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as e:
        raise BadTrace(name, e.lineno, e.colno, f"no JSON: {e.msg}") from None
    series = [*_series(name, text, answer)]
    memory = {_others(m): p for m, p in series if "memory" in m.get("__name__", "")}
    found = [(m, p) for m, p in series if "memory" not in m.get("__name__", "")]
    if not found:
        raise BadTrace(name, 1, 1, "there is no series of CPU in it")
    return [_trace(_named(name, m, len(found)), p, memory.get(_others(m))) for m, p in found]


def _series(name: str, text: str, answer: Any) -> Iterator[tuple[dict[str, str], list[Point]]]:
    data = answer.get("data") if isinstance(answer, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    if not isinstance(result, list):
        why = "no answer of a range query: data.result is missing"
        raise BadTrace(name, 1, 1, why)
    for one in result:
        values = one.get("values") if isinstance(one, dict) else None
        if not isinstance(values, list) or not isinstance(one.get("metric", {}), dict):
            raise BadTrace(name, *_place(text, one), "a series without values: no range query?")
        labels = {str(k): str(v) for k, v in one.get("metric", {}).items()}
        factor = 1.0 if "memory" in labels.get("__name__", "") else 1000.0
        points: list[Point] = []
        for pair in values:
            at, value = _pair(name, text, pair)
            if points and at <= points[-1][0]:
                raise BadTrace(name, *_place(text, pair), "the time is not after the one before")
            points.append((at, None if value is None else value * factor))
        if points:
            yield labels, points


def _pair(name: str, text: str, pair: Any) -> Point:
    try:
        at, value = pair
        seconds, amount = float(at), float(value)
    except (TypeError, ValueError):
        raise BadTrace(name, *_place(text, pair), f"{json.dumps(pair)} is no value") from None
    if math.isnan(amount):
        return seconds, None  # Prometheus: nothing to divide
    if not math.isfinite(seconds) or not math.isfinite(amount) or amount < 0:
        raise BadTrace(name, *_place(text, pair), f"{json.dumps(pair)} is not an amount")
    return seconds, amount


def _place(text: str, part: Any) -> tuple[int, int]:
    """Line and column of a part of a JSON text; of its beginning where it cannot be found."""
    compact, spaced = json.dumps(part, separators=(",", ":")), json.dumps(part)
    at = max(text.find(compact), text.find(spaced))
    if at < 0:
        scalars = part if isinstance(part, list) else [*part] if isinstance(part, dict) else [part]
        at = max((text.find(json.dumps(s)) for s in scalars[-1:]), default=0)
    before = text[: max(at, 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _others(labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((k, v) for k, v in labels.items() if k != "__name__")


def _named(name: str, labels: Mapping[str, str], of: int) -> str:
    parts = [labels[k] for k in ("namespace", "pod", "container") if k in labels]
    which = "/".join(parts) or ",".join(f"{k}={v}" for k, v in sorted(_others(labels)))
    return f"{name} {which}".strip() if of > 1 or parts else name


def _trace(name: str, cpu: Sequence[Point], memory: Sequence[Point] | None) -> Trace:
    spacings = [b[0] - a[0] for a, b in pairwise(cpu)]
    usual = statistics.median(spacings) if spacings else MINUTE
    held = _stretches(memory, cpu[0][0] - usual, usual) if memory else ()
    return of_stretches(name, _stretches(cpu, cpu[0][0] - usual, usual), held)


def _stretches(points: Sequence[Point], start: float, usual: float) -> list[Stretch]:
    """What each value stands for."""
    earlier = [start, *(at for at, _ in points)]
    return [
        (before if at - before <= _APART * usual else at - usual, at, value)
        for before, (at, value) in zip(earlier, points, strict=False)
    ]


def of_stretches(name: str, cpu: Sequence[Stretch], memory: Sequence[Stretch]) -> Trace:
    """The trace of means over stretches of time, in their order; there is one of CPU at least."""
    start = cpu[0][0]
    count = max(1, math.ceil((cpu[-1][1] - start) / MINUTE - 1e-6))
    known = any(value is not None for _, _, value in memory)
    held = _minutes(memory, start, count) if known else None
    return Trace(name, start, _minutes(cpu, start, count), held)


def _minutes(stretches: Sequence[Stretch], start: float, count: int) -> tuple[float | None, ...]:
    """The mean of each minute, by the seconds that each value stands for."""
    sums, known = [0.0] * count, [0.0] * count
    for begin, end, value in stretches:
        if value is None:
            continue
        first, last = int((begin - start) // MINUTE), int((end - start - 1e-9) // MINUTE)
        for minute in range(max(first, 0), min(last, count - 1) + 1):
            from_, to = start + minute * MINUTE, start + (minute + 1) * MINUTE
            seconds = min(end, to) - max(begin, from_)
            sums[minute] += value * seconds
            known[minute] += seconds
    return tuple(s / k if k >= _LEAST else None for s, k in zip(sums, known, strict=True))
