"""The port of the node agents: TLS, both sides known to each other, one thread for all of them.

| an agent                                       | outcome                                        |
| ---------------------------------------------- | ---------------------------------------------- |
| without a certificate of the agents' authority | no connection                                  |
| no `Hello` within 10 s                         | closed                                         |
| of another version                             | `Refused` with the reason, logged once         |
| beyond MOST connections                        | closed                                         |
| a second one of the same node                  | the newest is listened to, the other is closed |
| sends more than RATE messages a second         | is read more slowly: it waits, nobody else     |
| sends a line that is no message, or too long   | closed, logged once                            |
| is silent for SILENT seconds                   | closed: nothing is assumed of its containers   |
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from link.lines import LONGEST_FROM_AGENT, Malformed, from_agent, line
from link.messages import VERSION, Count, Counted, Dated, FromAgent, Hello, Pinned, Refused
from scaler.agents import lateness
from scaler.agents.closing import closed
from scaler.agents.counting import FRESH, Tally
from scaler.agents.reports import Reports

logger = logging.getLogger(__name__)

MOST = 6000
"""Connections at a time: more than a cluster has nodes."""
RATE, BURST = 100.0, 2000.0
"""Messages a second of one agent, and how many at once: all its containers, twice."""
SILENT = 60.0
REPEAT = 60.0
"""Seconds after which an agent gets the list of containers that count again, changed or not."""
_HELLO = 10.0
_HANDSHAKE, _SHUTDOWN = 10.0, 5.0


@dataclass
class Listener:
    """`pressed` is called when a container that may be raised at once is pinned."""

    reports: Reports
    clock: Callable[[], float]
    pressed: Callable[[], None]
    tally: Tally = field(default_factory=Tally)
    closing: bool = False
    """Whether `serve` is to end; to be unset before it is called again."""
    _agents: dict[str, asyncio.StreamWriter] = field(default_factory=dict)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    """Of all connections, until they are closed."""
    _said: dict[str, str] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None
    _over: asyncio.Event | None = None

    def serve(self, context: ssl.SSLContext, address: str, port: int) -> None:
        """Until `close`. Raises OSError where the port is taken."""
        asyncio.run(self._serve(context, address, port))

    def close(self) -> None:
        """End `serve`, and every connection. From any thread."""
        self.closing = True
        self._soon(lambda: self._over.set() if self._over else None)

    @property
    def nodes(self) -> list[str]:
        """Those whose agents are connected."""
        return sorted(self._agents)

    def recount(self) -> None:
        """What counts has changed: send it to all agents. From any thread."""
        self._soon(self._recount)

    def _soon(self, call: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it was closed just now
                loop.call_soon_threadsafe(call)

    async def _serve(self, context: ssl.SSLContext, address: str, port: int) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(
            self._agent,
            address,
            port,
            ssl=context,
            limit=LONGEST_FROM_AGENT,
            ssl_handshake_timeout=_HANDSHAKE,
            ssl_shutdown_timeout=_SHUTDOWN,
            backlog=512,
        )
        logger.info("listening for agents", extra={"port": port})
        async with server:
            while not self.closing:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REPEAT):
                        await self._over.wait()
                self._recount()
            await closed(server, self._writers)
        self._loop = None

    def _recount(self) -> None:
        for node, writer in self._agents.items():
            self._tell(node, writer)

    def _tell(self, node: str, writer: asyncio.StreamWriter) -> None:
        listed: list[Counted] = [*self.reports.counting.nodes.get(node, ())]
        if writer.transport.get_write_buffer_size() == 0:  # else it does not read: once is enough
            writer.write(line(Count(listed)))

    async def _agent(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        node = ""
        try:
            if len(self._writers) > MOST:
                return
            node = await self._greeted(reader, writer)
            if node:
                await self._listened(node, reader, writer)
        except (Malformed, asyncio.LimitOverrunError, OSError, asyncio.IncompleteReadError) as e:
            # LimitOverrunError: a line that is too long. TimeoutError is an OSError.
            if isinstance(e, Malformed | asyncio.LimitOverrunError):
                self.tally.malformed += 1
                self._log(node, f"it sent what is no message: {e}")
        finally:
            if self._agents.get(node) is writer:
                del self._agents[node]
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._writers.discard(writer)

    async def _greeted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        """The node's name; empty where the agent is refused."""
        async with asyncio.timeout(_HELLO):
            hello = from_agent(await reader.readuntil(b"\n"))
        if not isinstance(hello, Hello):
            raise Malformed("the first message is no hello")
        if hello.version != VERSION:
            why = f"version {hello.version} of its messages, {VERSION} is understood"
            self.tally.refused += 1
            self._log(hello.node, why)
            writer.write(line(Refused(why)))
            await writer.drain()
            return ""
        if before := self._agents.pop(hello.node, None):
            before.transport.abort()
        self._agents[hello.node] = writer
        self._tell(hello.node, writer)
        return hello.node

    async def _listened(
        self, node: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        allowed, at = BURST, loop.time()
        way, late = lateness.followed(None, 0.0, at)
        while True:
            async with asyncio.timeout(SILENT):
                said = from_agent(await reader.readuntil(b"\n"))
            now = loop.time()
            allowed, at = min(BURST, allowed + (now - at) * RATE) - 1.0, now
            if isinstance(said, Dated):
                way, late = lateness.followed(way, said.at, now)
            self._take_in(node, said, late)
            if allowed < 0:
                self._log(node, f"it sends more than {RATE:.0f} messages a second")
                await asyncio.sleep(-allowed / RATE)

    def _take_in(self, node: str, said: FromAgent, late: float) -> None:
        news = self.reports.take_in(node, said, self.clock(), late)
        self.tally.pinned += isinstance(said, Pinned)
        if isinstance(said, Pinned) and late >= FRESH:
            self.tally.late += 1
            self._log(node, f"what it sends takes {FRESH:.0f} s and more")
        if news is None:
            self.tally.unasked += 1
        elif news:
            self.pressed()

    def _log(self, node: str, why: str) -> None:
        """The same of the same node is not logged again; of so many nodes is remembered."""
        if self._said.get(node) != why and len(self._said) < MOST:
            logger.warning("agent", extra={"node": node, "error": why})
            self._said[node] = why
