"""`python -m scaler explain NAMESPACE KIND/NAME`: what would be done now, and why. Read-only.

Exit status 0; 1 where there is no such workload or the cluster cannot be read; 2 for bad arguments.
What only trying shows is taken to be allowed: the probe through the webhook, the rights policy, the
dry runs before a pod is replaced.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from kube import kinds, objects, timestamps
from kube.errors import KubeError
from kube.gateway import Gateway
from kube.pods import counted
from scaler.explain import agents, explained, reading, report, target, untried
from scaler.explain.explained import Explained
from scaler.explain.reading import NotListedError, Seen
from scaler.explain.report import Report, UsedBy
from scaler.explain.target import NoSuchError, Target, UnknownTargetError
from scaler.feasibility.rescheduling import Nodes
from scaler.history import resumed
from scaler.history.history import History, HistoryError
from scaler.history.recall import Recalled
from scaler.history.row import Row
from scaler.planning.context import Context, Look
from scaler.settings import Settings
from scaler.usage.window import Minute
from store import amounts
from store.model import Workload

_HOUR = 3600.0


def main(
    arguments: Sequence[str], settings: Settings, past: History, connected: Callable[[], Gateway]
) -> int:
    """Print the explanation; `past`: what is read of it. The exit status."""
    try:
        asked = _parser().parse_args([*arguments])
        kind, _, name = asked.workload.partition("/")
        if not name:
            print(f'explain: "{asked.workload}" is not KIND/NAME', file=sys.stderr)
            return 2
    except SystemExit as e:  # argparse has said why
        return int(e.code or 0)
    try:
        found = kinds.OWNERS[target.kind_of(kind)]
        workload = Workload(found.api_version, found.name, asked.namespace, name)
        made = _report(connected(), settings, past, workload)
    except NoSuchError as e:
        print(f"explain: {e}{_last(past, workload)}", file=sys.stderr)
        return 1
    except (UnknownTargetError, NotListedError, KubeError, HistoryError, ValueError) as e:
        print(f"explain: {e}", file=sys.stderr)
        return 1
    if asked.output == "json":
        print(json.dumps(msgspec.to_builtins(made), indent=1))
    else:
        print(report.text(made))
    return 0


def _last(past: History, workload: Workload) -> str:
    """What was said last of one that is gone."""
    with suppress(HistoryError):
        if last := past.gone().get(workload):
            until = timestamps.text(last.at)
            return f" any more. Until {until}: {last.phase} {last.reason}: {last.message}"
    return ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m scaler explain",
        description="Say what the scaler would do about a workload now, and why. Writes nothing.",
    )
    add = parser.add_argument
    add("namespace", metavar="NAMESPACE")
    add("workload", metavar="KIND/NAME", help="such as deployment/web")
    add("-o", "--output", choices=("text", "json"), default="text")
    return parser


def _report(gateway: Gateway, settings: Settings, history: History, workload: Workload) -> Report:
    cluster = reading.snapshot(gateway)
    now = gateway.time.now()
    chosen = target.target(cluster, settings.policies, workload, now)
    history, recalled = _recalled(history, settings.cycle.horizon.window)
    windows = reading.windows(recalled, chosen.view.pods)
    seen = Seen(windows, {}, now)
    if any(not isinstance(seen.minute(p, c), Minute) for p, c in _containers(chosen)):
        sampled, failures = reading.sampled(gateway, settings, cluster, chosen.view.pods)
        windows.take_in((), now, failures)
        seen = Seen(windows, sampled, now)
    context = _context(gateway, settings, chosen, seen, recalled)
    said = explained.explained(chosen.view, context, chosen.views, settings.ceilings)
    lines = agents.said(chosen.view, agents.Known(), now, settings.bursts)
    return replace(_made(chosen, seen, said, _rows(history, chosen, now)), agents=lines)


def _recalled(history: History, window: float) -> tuple[History, Recalled]:
    """What the scaler has written down; where that cannot be read, usage alone is read instead."""
    try:
        return history, history.recalled(window)
    except HistoryError as e:
        print(f"explain: {e}; usage is read just now instead", file=sys.stderr)
        return History(""), Recalled()


def _context(
    gateway: Gateway, settings: Settings, chosen: Target, seen: Seen, recalled: Recalled
) -> Context:
    """As the loop has it, with what the scaler has written down of what it knows."""
    snapshot, now, known = chosen.snapshot, seen.now, recalled.remembered
    look = Look(snapshot, chosen.views, Nodes(snapshot))
    trusted = reading.trusted(gateway, settings, snapshot)
    minute = seen.windows.minute
    return replace(
        untried.context(look, settings, seen.minute, now),
        admits=trusted.admits,
        webhook=trusted.webhook,
        stretches=resumed.stretches(known.stretches, look.views, minute, now),
        long=recalled.long,
        starts=known.starts,
        missing=known.missing,
        startups=known.startups,
    )


def _containers(chosen: Target) -> list[tuple[objects.Pod, str]]:
    return [(pod, name) for pod in chosen.view.pods for name in counted(pod)]


def _rows(history: History, chosen: Target, now: float) -> dict[str, list[Row]]:
    names = dict.fromkeys(name for _, name in _containers(chosen))
    found = ((n, history.minutes(chosen.view.workload, n, now - _HOUR, now)) for n in names)
    return {name: [*rows[-report.LATELY :]] for name, rows in found if rows}


def _made(chosen: Target, seen: Seen, said: Explained, rows: dict[str, list[Row]]) -> Report:
    status = chosen.view.status
    words = f"{status.phase} {status.reason}: {status.message}" if status.phase else "none"
    used = [
        UsedBy(pod.metadata.name, name, seen.source(pod, name), _used(seen.minute(pod, name)))
        for pod, name in _containers(chosen)
    ]
    return Report(
        str(chosen.view.workload),
        chosen.enrolled,
        words,
        used,
        rows,
        said,
        chosen.assumed,
        report.to_act(said, chosen.assumed),
    )


def _used(minute: object) -> str:
    if not isinstance(minute, Minute):
        return f"{getattr(minute, 'reason', '')}: {getattr(minute, 'message', '')}"
    memory = minute.memory if minute.needed is None else minute.needed
    throttled = "" if minute.throttled is None else f", throttled {100 * minute.throttled:.0f} %"
    text = amounts.formatted(memory, "memory")
    return f"{minute.mean:.0f}m over {minute.seconds:.0f} s{throttled}, memory {text}"
