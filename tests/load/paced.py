"""Requests that come when they are due, whether or not earlier ones have been answered.

So a server that falls behind is not spared, as it is by clients that wait for an answer before they
ask again (coordinated omission). What a request takes counts from when it was due.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

TIMEOUT = 5.0
"""Seconds, after which a request is given up: it was not answered."""
_REQUEST = b"GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n"

Taken = list[float | None]
"""Of each request the seconds, in the order in which they were due; None: not answered with 200."""


async def steps(address: tuple[str, int], rates: Sequence[float], seconds: float) -> list[Taken]:
    """Requests at each of these rates (per second) in turn, for that long each."""
    began = time.monotonic()
    asked: list[list[asyncio.Task[float | None]]] = []
    for number, rate in enumerate(rates):
        asked.append([])
        for n in range(int(rate * seconds)):
            due = began + number * seconds + n / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            asked[-1].append(asyncio.create_task(took(address, due)))
    return [[await task for task in step] for step in asked]


async def took(address: tuple[str, int], due: float) -> float | None:
    """Seconds from when it was due (by the monotonic clock) to its answer."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(due + TIMEOUT - time.monotonic()):
            if await _answered(address):
                return time.monotonic() - due
    return None


async def _answered(address: tuple[str, int]) -> bool:
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(_REQUEST)
        answer = await reader.read()
        return answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
    finally:
        writer.close()


def main() -> None:
    """HOST PORT SECONDS RATE...: print what each request took as JSON, by step."""
    host, port, seconds, *rates = sys.argv[1:]
    asked = steps((host, int(port)), [float(rate) for rate in rates], float(seconds))
    print(json.dumps(asyncio.run(asked)))


if __name__ == "__main__":
    main()
