"""Messages on the wire: one line of JSON each, of bounded length. Pure."""

from typing import Any

import msgspec

from link.messages import FromAgent, FromScaler

LONGEST_FROM_AGENT = 4096
"""Bytes of a line that an agent may send: what the largest message takes, several times."""
LONGEST_FROM_SCALER = 262_144
"""Bytes of a line that the scaler may send: all the containers that a node may have."""

_AGENT = msgspec.json.Decoder(FromAgent)
_SCALER = msgspec.json.Decoder(FromScaler)


class Malformed(ValueError):
    """A line that is no message of this version."""


def line(message: FromAgent | FromScaler) -> bytes:
    """The message as a line."""
    return msgspec.json.encode(message) + b"\n"


def from_agent(text: bytes) -> FromAgent:
    """The message in a line. Raises Malformed."""
    return _decoded(_AGENT, text)  # type: ignore[no-any-return]


def from_scaler(text: bytes) -> FromScaler:
    """The message in a line. Raises Malformed."""
    return _decoded(_SCALER, text)  # type: ignore[no-any-return]


def _decoded(decoder: Any, text: bytes) -> Any:
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
        raise Malformed(str(e)[:200]) from None


class Lines:
    """Bytes in, whole lines out. Raises Malformed where a line is longer than `longest` bytes."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = b""

    def fed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if any(len(one) > self._longest for one in (*whole, self._rest)):
            self._rest = b""
            raise Malformed(f"a line of more than {self._longest} bytes")
        return [one for one in whole if one]
