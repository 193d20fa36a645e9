"""`python -m scaler export`: the history on standard output, for another store or a spreadsheet.

Reads the file alone, beside the scaler that writes it. Exit status 0; 1 where there is no history,
or it cannot be read; 2 for bad arguments.
"""

import argparse
import csv
import re
import sys
import time
from collections.abc import Iterator, Sequence

from msgspec import Struct

from kube import kinds, timestamps
from scaler.history import lines
from scaler.history.history import History, HistoryError
from scaler.history.row import Row
from store.model import Workload

CSV, INFLUX = FORMATS = ("csv", "influx")
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_AGO = re.compile(r"([0-9]{1,6})([mhd])")


class _Asked(Struct, frozen=True):
    since: float
    until: float
    workload: tuple[str, str, str] | None


def main(arguments: Sequence[str], past: History | None) -> int:
    """Print it; `past`: what is read of it, None: nothing is. The exit status."""
    parser = _parser()
    try:
        given = parser.parse_args([*arguments])
        asked = _asked(given, time.time())
    except SystemExit as e:  # argparse has said why
        return int(e.code or 0)
    except ValueError as e:
        print(f"export: {e}", file=sys.stderr)
        return 2
    if past is None or not past.there:
        where = f"no file at {past.path}" if past else "PODTAILOR_SCALER_HISTORY_PATH is not set"
        print(f"export: there is no history: {where}", file=sys.stderr)
        return 1
    try:
        _print(past, asked, given)
    except HistoryError as e:
        print(f"export: {e}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m scaler export",
        description="Print the history: minutes of the last day, quarters of an hour before.",
    )
    add = parser.add_argument
    add("--format", choices=FORMATS, default=CSV, help="csv, or InfluxDB's line protocol (csv)")
    add("--since", default="8d", help="so long ago (90m, 12h, 8d), or a time in RFC 3339 (8d)")
    add("--until", default="0m", help="likewise (now)")
    add("--workload", metavar="NAMESPACE/KIND/NAME", help="only this one")
    add("--changes", action="store_true", help="changes of sizes; influx has both without this")
    return parser


def _asked(given: argparse.Namespace, now: float) -> _Asked:
    """Raises ValueError with the argument that is wrong."""
    workload = None
    if given.workload is not None:
        parts = given.workload.split("/")
        if len(parts) != 3 or not all(parts):
            raise ValueError(f'--workload: "{given.workload}" is not NAMESPACE/KIND/NAME')
        workload = parts[0], parts[1].lower(), parts[2]
    return _Asked(_time("since", given.since, now), _time("until", given.until, now), workload)


def _time(name: str, text: str, now: float) -> float:
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        at = timestamps.seconds(text)
    except ValueError:
        at = None
    if at is None:
        raise ValueError(f'--{name}: "{text}" is neither 90m, 12h or 8d nor a time in RFC 3339')
    return at


def _print(history: History, asked: _Asked, given: argparse.Namespace) -> None:
    if given.format == INFLUX:
        if not given.changes:
            for workload, container, row in _usage(history, asked):
                print(lines.usage_line(workload, container, row))
        for workload in _workloads(history, asked):
            for change in history.changes(workload, asked.since, asked.until):
                print(lines.change_line(workload, change))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(lines.CHANGE if given.changes else lines.USAGE)
    if given.changes:
        for workload in _workloads(history, asked):
            changes = history.changes(workload, asked.since, asked.until)
            writer.writerows(lines.change_row(workload, one) for one in changes)
    else:
        writer.writerows(lines.usage_row(*one) for one in _usage(history, asked))


def _usage(history: History, asked: _Asked) -> Iterator[tuple[Workload, str, Row]]:
    if asked.workload is None:
        yield from history.all(asked.since, asked.until)
        return
    for workload, container in _containers(history, asked):
        for row in history.minutes(workload, container, asked.since, asked.until):
            yield workload, container, row


def _containers(history: History, asked: _Asked) -> list[tuple[Workload, str]]:
    found = dict.fromkeys((w, c) for w, c in history.containers() if _is(w, asked))
    if asked.workload is not None:
        namespace, kind, name = asked.workload
        for one in (k for k in kinds.OWNERS.values() if k.name.lower() == kind):
            workload = Workload(one.api_version, one.name, namespace, name)
            names = history.named(workload, asked.since, asked.until)
            found |= dict.fromkeys((workload, container) for container in names)
    return [*found]


def _workloads(history: History, asked: _Asked) -> list[Workload]:
    return sorted({w for w, _ in history.containers() if _is(w, asked)})


def _is(workload: Workload, asked: _Asked) -> bool:
    own = workload.namespace, workload.kind.lower(), workload.name
    return asked.workload is None or own == asked.workload
