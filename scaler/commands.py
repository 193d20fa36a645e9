"""The commands beside the scaler itself: `python -m scaler NAME ...` prints something and ends.

`simulate` reads files, `export` the history; `status`, `explain` and `preview` the cluster as well.
None of them writes anything.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from kube.gateway import connect
from scaler import leader, recording
from scaler.explain import command as explain
from scaler.explain import preview, status
from scaler.history import export
from scaler.history.history import History
from scaler.replay import command as simulate
from scaler.settings import Settings

USAGE = """usage: python -m scaler
       python -m scaler status [NAMESPACE]
       python -m scaler explain NAMESPACE KIND/NAME
       python -m scaler preview [NAMESPACE]
       python -m scaler export
       python -m scaler simulate TRACE...       (each has --help)
"""

_connected = partial(connect, timeout=leader.CALL_SECONDS)


def _past(settings: Settings) -> History:
    return recording.past_of(settings) or History("")


def _simulate(arguments: Sequence[str], settings: Settings) -> int:
    return simulate.main(arguments, settings.cycle.patience, settings.cycle.horizon)


def _export(arguments: Sequence[str], settings: Settings) -> int:
    return export.main(arguments, recording.past_of(settings))


def _status(arguments: Sequence[str], settings: Settings) -> int:
    return status.main(arguments, settings, _past(settings), _connected)


def _explain(arguments: Sequence[str], settings: Settings) -> int:
    return explain.main(arguments, settings, _past(settings), _connected)


def _preview(arguments: Sequence[str], settings: Settings) -> int:
    return preview.main(arguments, settings, _past(settings), _connected)


COMMANDS: Mapping[str, Callable[[Sequence[str], Settings], int]] = {
    "simulate": _simulate,
    "export": _export,
    "status": _status,
    "explain": _explain,
    "preview": _preview,
}
"""By name: from the arguments after it and the settings to the exit status."""


def printed(says: Callable[[], int]) -> int:
    """Its exit status; 0 where whoever reads its output has enough, as `head` has."""
    try:
        done = says()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return done
