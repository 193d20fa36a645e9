"""`python -m scaler simulate TRACE...`: usage in, and what each policy would have made of it.

Exit status 0; 2 for bad arguments and bad traces, with file, line and column. Progress goes to
standard error where the traces are long.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from kube import quantity
from scaler.annotations.options import Bounds, ContainerPolicy, Limits
from scaler.policies import table
from scaler.policies.policy import Horizon, Patience
from scaler.replay import exported, picture, report
from scaler.replay.course import Question, Sized, replay
from scaler.replay.figures import figures
from scaler.replay.report import AS_IT_IS, Replayed
from scaler.replay.trace import BadTrace, Trace, parse
from store.model import Resources, Size

_SILENT = 2.0  # seconds without a word
_EPILOG = """A trace is a CSV file (seconds, millicores[, bytes of memory]), the JSON answer of a
Prometheus range query, for example of rate(container_cpu_usage_seconds_total[5m]) in cores, or the
CSV that `python -m scaler export` prints; - is standard input. In the first two each value stands
for the time since the one before. Throttled: core-seconds that were wanted and not
given. Wasted: core-seconds that were requested and not used. Restarts: changes of the size."""


def main(arguments: Sequence[str], patience: Patience, horizon: Horizon) -> int:
    """Replay the traces; the exit status. The policies' settings are those of the live program."""
    try:
        asked = _parser().parse_args([*arguments])
    except SystemExit as e:  # argparse has said why
        return int(e.code or 0)
    try:
        question = _question(asked, patience, horizon)
        traces = [trace for name in asked.traces for trace in _traces(name)]
    except (BadTrace, BadArgument, OSError) as e:
        print(f"simulate: {e}", file=sys.stderr)
        return 2
    names = asked.policy or [*table.NAMES.here, AS_IT_IS]
    found = [_replayed(trace, name, question) for trace in traces for name in names]
    if asked.svg:
        try:
            Path(asked.svg).write_text(picture.drawn(found), encoding="utf-8")
        except OSError as e:
            print(f"simulate: {e}", file=sys.stderr)
            return 2
    print(json.dumps(report.as_json(found), indent=1) if asked.json else report.table(found))
    return 0


class BadArgument(ValueError):
    """An argument that cannot be used; the text says which, and what may be."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m scaler simulate",
        description="Replay usage through the policies, and say what each would have cost.",
        epilog=_EPILOG,
    )
    add = parser.add_argument
    add("traces", nargs="+", metavar="TRACE", help="a CSV file, or the JSON of a range query")
    choices = [*table.NAMES.here, AS_IT_IS]
    add("--policy", action="append", choices=choices, help="one of them; may be repeated")
    add("--request", default="100m", help="CPU that the manifest requests (100m)")
    add("--limit", default="200m", help='its CPU limit (200m); "" for none')
    add("--memory-request", default="64Mi", help="memory that it requests (64Mi)")
    add("--memory-limit", default="128Mi", help='its memory limit (128Mi); "" for none')
    add("--limits", default=Limits.RATIO, choices=[*Limits], help="as podtailor.io/limits")
    add("--cpu-max", default="", help="as podtailor.io/cpu-max")
    add("--memory-max", default="", help="as podtailor.io/memory-max")
    add("--json", action="store_true", help="figures and sizes as JSON instead of a table")
    add("--svg", metavar="FILE", help="also draw usage, request and limit over time")
    return parser


def _question(asked: argparse.Namespace, patience: Patience, horizon: Horizon) -> Question:
    """What is replayed; the policy is filled in for each. Raises BadArgument."""

    def amount(name: str, parse: Callable[[quantity.Quantity], int]) -> int | None:
        text = getattr(asked, name.replace("-", "_"))
        try:
            return parse(text) if text else None
        except ValueError:
            raise BadArgument(f'--{name}: "{text}" is not a quantity') from None

    cpu = amount("request", quantity.cpu), amount("limit", quantity.cpu)
    memory = amount("memory-request", quantity.memory), amount("memory-limit", quantity.memory)
    for name, (request, limit) in {"": cpu, "memory-": memory}.items():
        if request is not None and limit is not None and request > limit:
            raise BadArgument(f"--{name}request is above --{name}limit")
    most = amount("cpu-max", quantity.cpu), amount("memory-max", quantity.memory)
    options = ContainerPolicy(
        table.NAMES.default,
        limits=Limits(asked.limits),
        bounds=Bounds(cpu_max=most[0], memory_max=most[1]),
    )
    size = Size(Resources(cpu[0], memory[0]), Resources(cpu[1], memory[1]))
    return Question(size, options, patience, horizon)


def _traces(name: str) -> list[Trace]:
    """Of one file; in the outcome, each is called by the file's name alone."""
    text, short = _text(name), Path(name).name
    found = exported.parse(name, text) if exported.is_one(text) else parse(name, text)
    return [replace(trace, name=short + trace.name.removeprefix(name)) for trace in found]


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as e:
        before = e.object[: e.start]
        line, column = before.count(b"\n") + 1, e.start - before.rfind(b"\n")
        raise BadTrace(name, line, column, "no text: neither CSV nor JSON") from None


def _replayed(trace: Trace, name: str, question: Question) -> Replayed:
    if name == AS_IT_IS:
        sizes = [Sized(0, question.size)]
    else:
        options = replace(question.options, policy=name)
        progress = _Progress(trace, name)
        sizes = replay(trace, replace(question, options=options), progress.at)
    return Replayed(trace, name, sizes, figures(trace, sizes))


class _Progress:
    """A line on standard error every two seconds."""

    def __init__(self, trace: Trace, policy: str) -> None:
        self._what, self._of = f"{trace.name}, {policy}", len(trace.cpu)
        self._last = time.monotonic()

    def at(self, minute: int) -> None:
        """So many minutes are done."""
        if (now := time.monotonic()) - self._last >= _SILENT:
            self._last = now
            share = 100 * minute / self._of
            print(
                f"{self._what}: {minute:,} of {self._of:,} minutes, {share:.0f} %", file=sys.stderr
            )
