"""Each server is asked as often, whether or not another answers."""

import asyncio
import threading
import time
from collections import Counter

from tests.demo.unlike.requests import Requests

ANSWER = b"HTTP/1.1 200 OK\r\n\r\n"
RATE, SECONDS = 40.0, 0.5
PATIENCE = 10.0
"""Seconds for these requests on a busy machine."""


class Servers:
    """One that answers and one that closes each connection, until `stop()`."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.ports: dict[str, int] = {}
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    async def _serve(self) -> None:
        async with await self._open("answers", ANSWER), await self._open("refuses", b""):
            self._ready.set()
            await asyncio.to_thread(self._over.wait)

    async def _open(self, name: str, text: bytes) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            self.asked[name] += 1
            writer.write(text)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.ports[name] = server.sockets[0].getsockname()[1]
        return server


def test_a_server_that_answers_nothing_is_asked_as_often() -> None:
    servers = Servers()
    requests = Requests({n: ("127.0.0.1", p) for n, p in servers.ports.items()}, RATE).start()
    asked, deadline = servers.asked, time.monotonic() + PATIENCE
    while asked["answers"] < RATE * SECONDS and time.monotonic() < deadline:
        time.sleep(0.01)
    requests.stop()
    servers.stop()
    assert asked["answers"] == asked["refuses"] >= RATE * SECONDS
    assert len(requests.answered["answers"]) == asked["answers"]
    assert requests.missed == {"answers": 0, "refuses": asked["refuses"]}
