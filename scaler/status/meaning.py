"""What a message says, apart from its figures. Pure.

Figures change each cycle, and an idle cluster must cost no writes and no log lines; a message that
says something else must be seen. A figure is a number that stands alone, with its unit; digits in a
name (`web-1`) or in a time until which something lasts are no figures.

| of `nginx used 970m of 1 for 60 s; 1100m is above cpu-max, 1` | counts                          |
| ------------------------------------------------------------- | -------------------------------- |
| what was used, of which container of which pod                | no: they take turns              |
| `1100m is above cpu-max, 1`                                   | as `# is above cpu-max, #`       |
| `; would be Doubled: ...` after another sentence              | no: that is about usage again    |
| `would be Doubled: ...` of one that is only observed          | `Doubled` (would)                |
| `; node one was slow at ... (...), so this limit does less`   | no: heat comes and goes. That it |
| `there`                                                       | has come is worth a write        |
"""

import re
from functools import lru_cache

_USED = re.compile(r"(\S+: )?\S+ used \S+ of \S+ for \S+ s(; )?")
_WOULD = re.compile(r"; would be .*", re.DOTALL)
_FIGURE = re.compile(r"(?<![\w.:-])\d+(\.\d+)?(m|u|n|k|[KMGTPE]i?)?(?![\w:-]|\.\d)|0x[0-9a-f]+")
_SLOW = re.compile(r"; node \S+ was slow at \S+ \(.*?\), so this limit does less there")
_WOULD_BE = re.compile(r"would be (\w+)")


def would(message: str) -> str:
    """The reason that an observed workload would have; empty: none is named."""
    found = _WOULD_BE.match(message)
    return found[1] if found else ""


def slow(message: str) -> bool:
    """Whether it says that a node is slow (agents/heat.py)."""
    return _SLOW.search(message) is not None


@lru_cache(maxsize=4096)  # most messages are compared again in each cycle
def meaning(message: str) -> str:
    """The same text for messages that differ in figures only."""
    return _FIGURE.sub("#", _WOULD.sub("", _USED.sub("", _SLOW.sub("", message))))
