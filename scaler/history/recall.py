"""What an earlier process wrote down of what it knew, read once at the start.

What cannot be read was written by another release: it is left out, as if it had never been known.
"""

import logging
import sqlite3

from msgspec import Struct, field

from scaler.history import beats, state, windows
from scaler.history.beats import Readings
from scaler.history.state import Remembered
from scaler.sizing.remembered import LongWindows
from scaler.usage.long_window import LongWindow
from store.model import Workload

logger = logging.getLogger(__name__)


class Recalled(Struct, frozen=True):
    """What beats.py, state.py and windows.py are about."""

    readings: Readings = field(default_factory=dict)
    remembered: Remembered = Remembered()
    long: dict[Workload, LongWindows] = field(default_factory=dict)


def recalled(file: sqlite3.Connection, window: float) -> Recalled:
    """All of it; `window`: seconds that long windows hold. Raises sqlite3.Error."""
    data = file.execute("SELECT data FROM state").fetchone()
    try:
        found = file.execute("SELECT data FROM beats ORDER BY number")
        readings = beats.together(one for (one,) in found)
        remembered = state.decoded(data[0]) if data else Remembered()
        long = _named(file, windows.read(file, window))
    except ValueError as e:
        logger.warning("history not taken up", extra={"error": str(e)})
        return Recalled()
    return Recalled(readings, remembered, long)


def _named(file: sqlite3.Connection, found: dict[int, LongWindow]) -> dict[Workload, LongWindows]:
    asked = "SELECT id, api_version, kind, namespace, workload, container FROM containers"
    named: dict[Workload, dict[str, LongWindow]] = {}
    for key, *of, name in file.execute(asked):
        if key in found:
            named.setdefault(Workload(*of), {})[name] = found[key]
    return dict(named)
