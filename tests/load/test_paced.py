"""Requests come when they are due."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.load import paced
from tests.load.paced import Taken

ANSWER = b"HTTP/1.1 200 OK\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def asked(serve: Serve, *rates: float, seconds: float = 0.1) -> list[Taken]:
    """What each request to such a server took."""

    async def run() -> list[Taken]:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            return await paced.steps(server.sockets[0].getsockname(), rates, seconds)

    return asyncio.run(run())


def test_a_server_that_answers_nobody_until_the_last_has_come_is_asked_on() -> None:
    waiting: list[asyncio.StreamWriter] = []

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        waiting.append(writer)
        for one in waiting if len(waiting) == 15 else ():
            one.write(ANSWER)
            one.close()

    slow, quick = asked(hold, 50, 100)
    assert (len(slow), len(quick)) == (5, 10)
    assert all(slow) and all(quick)
    assert slow[0] and slow[0] >= 0.19, "from when it was due to when the last has come"
    assert sorted(slow, key=float) == slow[::-1]  # type: ignore[arg-type]


def test_a_refusal_and_a_closed_connection_are_no_answers() -> None:
    answers = iter([b"HTTP/1.1 503 Unavailable\r\n\r\n", b"", ANSWER])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(answers))
        writer.close()

    [[refused, closed, answered]] = asked(serve, 30)
    assert refused is closed is None
    assert answered is not None
