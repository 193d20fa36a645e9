"""`python -m scaler status [NAMESPACE]`: every workload, what is done or why nothing. Read-only.

Exit status 0, also where there is none; 1 where the cluster cannot be read; 2 for bad arguments.
The words are those of the last cycle of the scaler that leads; nothing is decided here.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence

import msgspec

from kube.errors import KubeError
from kube.gateway import Gateway
from scaler.explain import reading, standings
from scaler.explain.reading import NotListedError
from scaler.history.gone import Gone
from scaler.history.history import History, HistoryError
from scaler.settings import Settings
from store.model import Workload

NONE = (
    "No workload is enrolled. To begin: kubectl annotate deployment/NAME podtailor.io/mode=observe"
)


def main(
    arguments: Sequence[str], settings: Settings, past: History, connected: Callable[[], Gateway]
) -> int:
    """Print them; `past`: whose last words are read. The exit status."""
    try:
        asked = _parser().parse_args([*arguments])
    except SystemExit as e:  # argparse has said why
        return int(e.code or 0)
    try:
        found = reading.snapshot(connected())
    except (NotListedError, KubeError) as e:
        print(f"status: {e}", file=sys.stderr)
        return 1
    last = _last(past)
    shown, left_out = standings.lines(found, settings.policies, last, asked.namespace)
    if asked.output == "json":
        print(json.dumps(msgspec.to_builtins(shown), indent=1))
        return 0
    print(
        "\n".join(standings.text(shown)) if shown else _nothing(found.namespaces, asked.namespace)
    )
    if left_out:
        print(f"{left_out} more are not enrolled, or gone: name a NAMESPACE to see them too.")
    return 0


def _nothing(namespaces: Mapping[tuple[str, str], object], asked: str | None) -> str:
    if asked is None:
        return NONE
    if ("", asked) not in namespaces:
        return f"There is no namespace {asked!r}."
    return f"There is no workload in namespace {asked}."


def _last(past: History) -> Mapping[Workload, Gone]:
    """Without them, the present is printed all the same."""
    try:
        return past.gone()
    except HistoryError as e:
        print(f"status: {e}", file=sys.stderr)
        return {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m scaler status",
        description="Say what is done about every workload, or why nothing. Writes nothing.",
    )
    add = parser.add_argument
    add("namespace", metavar="NAMESPACE", nargs="?", help="this one alone, with all its workloads")
    add("-o", "--output", choices=("text", "json"), default="text")
    return parser
