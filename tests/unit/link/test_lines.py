"""Messages as lines: whole, bounded, and of this version alone."""

import msgspec
import pytest

from link.lines import (
    LONGEST_FROM_AGENT,
    LONGEST_FROM_SCALER,
    Lines,
    Malformed,
    from_agent,
    from_scaler,
    line,
)
from link.messages import (
    MOST_CONTAINERS,
    VERSION,
    Alive,
    Count,
    Counted,
    FromAgent,
    Hello,
    Killed,
    Minute,
    NodeMinute,
    Pinned,
    Refused,
)

ID, POD = "f" * 64, "97038060-e58d-4392-8ce8-f49b3dc96fc7"
SAID: list[FromAgent] = [
    Hello(VERSION, "n" * 253, 2),
    Pinned(ID, 3600.0, 1e7, 1e7, 1.0),
    Killed(ID, 2**53),
    Minute(ID, 60.0, 1.5, 2.5, None, 0.5),
    NodeMinute(3600.0, 1.0, 0.123456789012345, 0.123456789012345, 2**53, 100_000.0),
    Alive(3, 20),
]


@pytest.mark.parametrize("message", SAID, ids=lambda m: type(m).__name__)
def test_what_an_agent_says_arrives(message: FromAgent) -> None:
    text = line(message)
    assert from_agent(text) == message
    assert len(text) < LONGEST_FROM_AGENT / 4


def test_what_the_scaler_says_arrives_with_as_many_containers_as_may_be() -> None:
    most = Count([Counted(ID, POD)] * MOST_CONTAINERS)
    assert from_scaler(line(most)) == most
    assert len(line(most)) < LONGEST_FROM_SCALER
    assert from_scaler(line(Refused("no"))) == Refused("no")
    with pytest.raises(Malformed):
        from_scaler(line(Count([Counted(ID, POD)] * (MOST_CONTAINERS + 1))))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b'{"type":"hello"}',
        b'{"type":"decide","container":"' + ID.encode() + b'"}',
        b'{"type":"hello","version":1,"node":""}',
        b'{"type":"pinned","container":"../../etc","seconds":1,"used":1,"quota":1}',
        b'{"type":"pinned","container":"' + ID.encode() + b'","seconds":-1,"used":1,"quota":1}',
        b'{"type":"pinned","container":"' + ID.encode() + b'","seconds":1,"used":NaN,"quota":1}',
        b'{"type":"pinned","container":"' + ID.encode() + b'","seconds":1,"used":1e300,"quota":1}',
        b'{"type":"killed","container":"' + ID.encode() + b'","kills":-1}',
        b"[" * 100_000,
    ],
)
def test_anything_else_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        from_agent(text)


def test_a_later_agent_may_say_more_of_what_is_known() -> None:
    more = {**msgspec.to_builtins(SAID[1]), "temperature": 71}
    assert from_agent(msgspec.json.encode(more)) == SAID[1]


def test_lines_come_whole_however_they_are_cut() -> None:
    text, lines = b"one\ntwo\n\nthree", Lines(10)
    assert [one for byte in text for one in lines.fed(bytes([byte]))] == [b"one", b"two"]
    assert lines.fed(b"!\n") == [b"three!"]


@pytest.mark.parametrize("data", [b"x" * 11, b"ok\n" + b"x" * 11 + b"\n"])
def test_a_line_that_is_too_long_ends_it(data: bytes) -> None:
    lines = Lines(10)
    with pytest.raises(Malformed, match="10 bytes"):
        lines.fed(data)
