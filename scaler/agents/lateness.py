"""How late a message of an agent is, without a clock that both sides share. Pure.

Each message says how many seconds after the connection's begin it was sent, by a clock of the agent
that never goes back, whatever the node's time of day. The difference from when it came here is the
way that it took, and an unknown constant, which the quickest message so far bounds.

| a message                                     | is late by                                      |
| --------------------------------------------- | ----------------------------------------------- |
| the quickest so far                           | nothing, as far as anybody can know             |
| another one                                   | what it took more than the quickest             |
| of an agent whose clock is slower or faster   | likewise: the quickest may take DRIFT more with |
|                                               | each second, so that it is not late for that    |
| of an agent whose clock has jumped ahead      | nothing, and all that follow are very late: its |
|                                               | containers are judged by their minutes          |
"""

from msgspec import Struct

DRIFT = 0.001
"""Seconds that two clocks may differ after a second: crystals differ by a tenth of it at most."""


class Way(Struct, frozen=True, gc=False):
    """The quickest way so far, in seconds by two clocks, and when the last message came."""

    quickest: float
    at: float


def followed(before: Way | None, sent: float, received: float) -> tuple[Way, float]:
    """The way after one more message, and by how many seconds it is late.

    `sent` by the agent's clock, `received` by one of ours that never goes back.
    """
    took = received - sent
    if before is None:
        return Way(took, received), 0.0
    quickest = min(took, before.quickest + DRIFT * max(0.0, received - before.at))
    return Way(quickest, received), took - quickest
