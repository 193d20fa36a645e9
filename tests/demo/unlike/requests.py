"""The same number of requests a second to each of several servers, answered or not."""

import asyncio
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from tests.load import paced

Address = tuple[str, int]


@dataclass
class Requests:
    """To each server `rate` requests a second, in a thread of its own until `stop()`."""

    servers: Mapping[str, Address]
    rate: float
    answered: dict[str, list[float]] = field(default_factory=dict)
    """Seconds that each answer took, by server; since `begin()`."""
    missed: dict[str, int] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> "Requests":
        """Begin asking."""
        self.begin()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()), daemon=True)
        self._thread.start()
        return self

    def begin(self) -> None:
        """Count from now on."""
        self.answered = {name: [] for name in self.servers}
        self.missed = dict.fromkeys(self.servers, 0)

    def stop(self) -> None:
        """Ask no more, and wait for what is under way."""
        self._over.set()
        self._thread.join(2 * paced.TIMEOUT)

    async def _ask(self) -> None:
        began, number = time.monotonic(), 0
        waiting: set[asyncio.Task[None]] = set()
        while not self._over.is_set():
            for at, (name, address) in enumerate(self.servers.items()):
                # Spread over the interval: requests to several pods of one node never come at once.
                due = began + (number + at / len(self.servers)) / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(self._one(name, address, due))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            number += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*waiting), paced.TIMEOUT)

    async def _one(self, name: str, address: Address, due: float) -> None:
        seconds = await paced.took(address, due)
        if seconds is None:
            self.missed[name] += 1
        else:
            self.answered[name].append(seconds)
