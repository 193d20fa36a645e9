"""python -m tests.mutation [ROOM…]: are the modules that decide held by their tests?

mutmut changes one operator, number, name or word at a time, in one room after the other. Judged is
each change by the room's own unit tests (`tests/unit/scaler/ROOM`), of those the ones that come by
the changed function; what they let live is judged by simulated clusters (`--seeds`). What lives on
is printed as a difference, unless `equivalent.toml` says why nobody could see it.

A room is a pattern such as `scaler.policies*` or `scaler.planning.rollback*`; none: all of ROOMS.
A run goes on where the last one ended, as far as neither the code nor the tests have changed
(`build/mutation/ROOM`). The share is that of the changes that are not explained.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.mutation import equivalent, judging, workplace
from tests.mutation.judging import Found

ROOMS = (
    *("disruption", "execution", "planning", "health", "replacement", "feasibility"),
    *("resizing", "status", "policies", "sizing", "cluster"),
)
"""What decides, and what does it."""


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 where fewer than `--least` per cent were killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("rooms", nargs="*", default=[f"scaler.{room}*" for room in ROOMS])
    parser.add_argument("--processes", type=int, default=1, help="at a time (default: 1)")
    parser.add_argument("--seeds", type=int, default=40, help="simulated clusters (default: 40)")
    parser.add_argument("--least", type=float, default=95.0, help="per cent (default: 95)")
    chosen = parser.parse_args(arguments)
    explained = equivalent.read()
    rows = []
    for room in chosen.rooms:
        place = workplace.made(room)
        found = judging.judged(place, chosen.processes, chosen.seeds, explained)
        for one in (f for f in found if f.fate is not judging.Fate.KILLED):
            print(one, flush=True)
        rows.append(_row(room, found))
        print(rows[-1], flush=True)
    print("\n| room | changes | killed | explained | share |\n| --- | --- | --- | --- | --- |")
    print("\n".join(map(str, rows)))
    return 0 if rows and all(row.share >= chosen.least for row in rows) else 1


class Row:
    """One room's figures. `share`: per cent of what is not explained."""

    def __init__(self, room: str, changes: int, killed: int, explained: int) -> None:
        self.room, self.changes, self.killed, self.explained = room, changes, killed, explained

    @property
    def share(self) -> float:
        return 100 * self.killed / max(1, self.changes - self.explained)

    def __str__(self) -> str:
        figures = f"{self.changes} | {self.killed} | {self.explained} | {self.share:.1f} %"
        return f"| `{self.room.rstrip('*')}` | {figures} |"


def _row(room: str, found: Sequence[Found]) -> Row:
    counts = [f.fate for f in found]
    killed = counts.count(judging.Fate.KILLED)
    return Row(room, len(found), killed, counts.count(judging.Fate.EXPLAINED))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
