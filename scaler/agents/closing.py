"""How a TLS server of asyncio ends with nothing left open."""

import asyncio
from collections.abc import Collection

_WAIT, _LOOKS = 0.1, 20
"""Seconds between looks whether all connections are gone, and how many looks."""


async def closed(server: asyncio.Server, writers: Collection[asyncio.StreamWriter]) -> None:
    """Close the port, then each connection; to be the loop's last task but the connections' own.

    `writers` are those of the connections that are made, kept up to date by whoever serves them.
    A handshake under way is known to asyncio alone: it has a moment to become a connection, and is
    then cancelled. What asyncio accepts while a server closes it drops without closing its socket
    (seen with 3.11; python/cpython#109564), so nothing more is accepted first.
    """
    for listening in server.sockets:
        asyncio.get_running_loop().remove_reader(listening.fileno())
    await asyncio.sleep(0)
    server.close()
    for looked in range(_LOOKS):
        for writer in [*writers]:
            writer.transport.abort()
        if not (others := asyncio.all_tasks() - {asyncio.current_task()}):
            break
        if looked:
            for task in others:
                task.cancel()
        await asyncio.wait(others, timeout=_WAIT)
