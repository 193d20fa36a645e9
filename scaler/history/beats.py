"""The readings of the last minutes, each written as it comes, so that a kill loses none. Pure.

What is written is what is new since the last time; what is read is put together again by the rules
of window.py, as if the readings came in once more.
"""

from collections.abc import Iterable, Mapping

import msgspec

from scaler.usage import window
from scaler.usage.window import Reading

APART = 4.0
"""Seconds between two beats at least."""
KEPT = 40
"""Beats that cover the 120 s in which a reading can matter."""

Key = tuple[str, str, str, str]
"""Namespace, pod, container and node."""
Readings = Mapping[Key, tuple[Reading, ...]]
_Beat = list[tuple[Key, list[Reading]]]


def beat(readings: Readings, before: Readings) -> bytes:
    """What is new in `readings`, as bytes; none where nothing is."""
    new = [
        (key, _new(some, before.get(key, ())))
        for key, some in readings.items()
        if some is not before.get(key)
    ]
    return msgspec.msgpack.encode(new) if new else b""


def together(beats: Iterable[bytes]) -> dict[Key, tuple[Reading, ...]]:
    """The readings of these beats, oldest first. Raises ValueError on another release's."""
    found: dict[Key, tuple[Reading, ...]] = {}
    decoder = msgspec.msgpack.Decoder(_Beat)
    for data in beats:
        for key, some in decoder.decode(data):
            for reading in some:
                found[key] = window.add(found.get(key, ()), reading)
    return found


def _new(now: tuple[Reading, ...], before: tuple[Reading, ...]) -> list[Reading]:
    known = {id(reading) for reading in before}
    return [reading for reading in now if id(reading) not in known]
