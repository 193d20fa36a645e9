"""Usage over time from what `python -m scaler export` prints: the product's own history. Pure.

One CSV with a heading, of all containers. Its rows are minutes of the last day and quarters of an
hour before; what lies between two rows is unknown. Other columns than these are passed over.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence

from kube import timestamps
from scaler.replay.trace import BadTrace, Stretch, Trace, of_stretches

_WHEN = ("time", "seconds")
_WHO = ("namespace", "kind", "workload", "container")
_CPU, _MEMORY = "cpu_mean_millicores", "memory_bytes"
_NEEDED = (*_WHEN, *_WHO, _CPU)


def is_one(text: str) -> bool:
    """Whether a text begins with the heading of an export."""
    return text.lstrip().partition("\n")[0].strip().startswith(",".join(_WHEN))


def parse(name: str, text: str) -> list[Trace]:
    """A trace of each container, in the order in which they come. Raises BadTrace."""
    cpu: dict[str, list[Stretch]] = {}
    memory: dict[str, list[Stretch]] = {}
    for line, row in _rows(name, text):
        who = "/".join((row["namespace"], row["kind"].lower(), row["workload"], row["container"]))
        begin, end = _when(name, line, row)
        known = cpu.setdefault(who, [])
        if known and begin < known[-1][1]:
            raise BadTrace(name, line, 1, f"{row['time']} is not after the row before of {who}")
        known.append((begin, end, _number(name, line, row, _CPU)))
        memory.setdefault(who, []).append((begin, end, _number(name, line, row, _MEMORY)))
    if not cpu:
        raise BadTrace(name, 1, 1, "there is no usage in it")
    return [of_stretches(f"{name} {who}", cpu[who], memory[who]) for who in cpu]


def _rows(name: str, text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(text.lstrip().splitlines())
    missing = [c for c in _NEEDED if c not in (reader.fieldnames or ())]
    if missing:
        raise BadTrace(name, 1, 1, f"no export of usage: it has no column {missing[0]}")
    for row in reader:
        fields = [row.get(column) for column in reader.fieldnames or ()]
        if None in fields or None in row:
            raise BadTrace(name, reader.line_num, 1, "it has not as many columns as the heading")
        yield reader.line_num, row


def _when(name: str, line: int, row: Mapping[str, str]) -> tuple[float, float]:
    try:
        begin = timestamps.seconds(row["time"])
    except ValueError:
        begin = None
    if begin is None:
        raise BadTrace(name, line, 1, f'"{row["time"]}" is not a time in RFC 3339')
    seconds = _number(name, line, row, "seconds")
    if not seconds:
        raise _bad(name, line, row, "seconds")
    return begin, begin + seconds


def _number(name: str, line: int, row: Mapping[str, str], column: str) -> float | None:
    text = row.get(column) or ""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise _bad(name, line, row, column)
    return value


def _bad(name: str, line: int, row: Mapping[str, str], column: str) -> BadTrace:
    before: Sequence[str] = [row[c] for c in list(row)[: list(row).index(column)]]
    return BadTrace(
        name, line, sum(len(f) + 1 for f in before) + 1, f'"{row[column]}" is not an amount'
    )
