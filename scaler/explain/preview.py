"""`python -m scaler preview [NAMESPACE]`: what would have changed, had it been sized. Read-only.

Of all workloads with `podtailor.io/mode: observe`, by the history that the scaler keeps of them.
Exit status 0; 1 where there is none, or what is needed cannot be read; 2 for bad arguments.
Progress goes to standard error: some ten containers with eight days take a few seconds.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.cluster.snapshot import index
from scaler.cluster.view import View
from scaler.cluster.views import views
from scaler.explain import reading
from scaler.explain.reading import NotListedError
from scaler.history.history import History, HistoryError
from scaler.preview import table
from scaler.preview.outcome import Outcome, as_json, observed, outcome
from scaler.settings import Settings

_SILENT = 2.0  # seconds without a word


class NothingObservedError(Exception):
    """There is nothing to report; the message says why."""


def main(
    arguments: Sequence[str], settings: Settings, past: History, connected: Callable[[], Gateway]
) -> int:
    """Print the report; `past`: what is read of it. The exit status."""
    try:
        asked = _parser().parse_args([*arguments])
    except SystemExit as e:  # argparse has said why
        return int(e.code or 0)
    try:
        gateway = connected()
        found = [*_outcomes(gateway, settings, past, asked.namespace)]
    except (NothingObservedError, NotListedError, KubeError, HistoryError) as e:
        print(f"preview: {e}", file=sys.stderr)
        return 1
    if asked.output == "json":
        print(json.dumps([as_json(one) for one in found], indent=1))
    else:
        print(table.text(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m scaler preview",
        description="Say what would have changed in workloads that are observed. Writes nothing.",
    )
    add = parser.add_argument
    add("namespace", metavar="NAMESPACE", nargs="?", help="only these workloads (all)")
    add("-o", "--output", choices=("text", "json"), default="text")
    return parser


def _outcomes(
    gateway: Gateway, settings: Settings, history: History, namespace: str | None
) -> Iterator[Outcome]:
    chosen = [*_chosen(gateway, settings, namespace)]
    if not chosen:
        where = f"in namespace {namespace}" if namespace else "in the cluster"
        raise NothingObservedError(f"no workload {where} has podtailor.io/mode: observe")
    now, said = gateway.time.now(), time.monotonic()
    for number, view in enumerate(chosen):
        if time.monotonic() - said > _SILENT:
            said = time.monotonic()
            print(f"{number} of {len(chosen)} workloads", file=sys.stderr)
        rows_of = partial(history.minutes, view.workload, since=0.0, until=now)
        try:
            yield outcome(view, rows_of, settings.live)
        except ValueError as e:
            print(f"preview: {view.workload} is left out: {e}", file=sys.stderr)


def _chosen(gateway: Gateway, settings: Settings, namespace: str | None) -> Iterator[View]:
    for view in views(index(reading.snapshot(gateway)), settings.policies):
        if observed(view) and namespace in (None, view.workload.namespace):
            yield view
