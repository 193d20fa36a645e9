"""Sizes by kind of node over time: pods that move, kinds that vanish, speeds that change.

A small cluster in a loop with the real plan: usage follows a fixed amount of work, which a slower
node takes longer for. The moves are any that there are (hypothesis).
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scaler.model import Write
from scaler.planning.plan import plan
from scaler.usage.window import Minute
from store import node_classes
from store.model import Status, StoredSize
from tests.unit.scaler.builders import MI, NOW
from tests.unit.scaler.cycles import context
from tests.unit.scaler.kinds_of_node import AGO, kept, made, running, workload
from tests.unit.store.nodes import node

SPEEDS = {"fast-1": ("server", 1.0), "pi-1": ("pi", 0.25)}
WORK = 120.0
"""Millicores of the fast node that each pod keeps busy."""


class Course:
    """Two pods; each cycle is three minutes, so that no cool-down is in the way."""

    def __init__(self) -> None:
        self.at = {"a": "fast-1", "b": "pi-1"}
        self.speeds = {name: speed for name, (_, speed) in SPEEDS.items()}
        self.status = Status()
        self.now = NOW

    def cycle(self) -> None:
        self.now += 180.0
        nodes = [
            node(name, SPEEDS[name][0], speed=f"{speed:g}", written=AGO + 3600)
            for name, speed in self.speeds.items()
        ]
        size = self.status.size
        pods = [running(self._pod(name, where, size)) for name, where in self.at.items()]
        known = node_classes.of(nodes, self.now)
        seen = workload(*pods, status=self.status, strategy="resize", nodes=known)
        limits = {s.name: s.actual["nginx"].limits.cpu or 0 for s in seen.states}

        def minute_of(one: Any, container: str) -> Minute:
            speed = SPEEDS[one.spec.node_name][1]
            used = min(WORK / speed, limits[one.metadata.name])
            return Minute(used, 60.0, 10 * MI, self.now)

        found = plan(seen, context(minute_of, now=self.now, unresizable=lambda view, uid: None))
        if found is not None and isinstance(found.action, Write):
            self.status = found.action.status

    def _pod(self, name: str, where: str, size: StoredSize | None) -> Any:
        kind = SPEEDS[where][0] if where in SPEEDS else None
        return made(name, where, size, kind)

    def limits(self) -> dict[str, int | None]:
        size = self.status.size
        listed = size.classes if size else ()
        return {c.name: c.containers[0].size.limits.cpu if c.containers else None for c in listed}


def settled() -> Course:
    course = Course()
    for _ in range(6):
        course.cycle()
    assert course.limits() == {"pi": 1000, "server": None}
    return course


MOVES = st.lists(
    st.sampled_from(["a to fast", "a to pi", "b to fast", "b to pi", "hot", "cool", "alone"]),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(MOVES)
def test_sizes_never_wander_whatever_moves_and_however_fast_nodes_say_they_are(
    moves: list[str],
) -> None:
    course = settled()
    before = course.status.size
    for move in moves:
        pod, _, where = move.partition(" to ")
        if where:
            course.at[pod] = "fast-1" if where == "fast" else "pi-1"
        elif move == "alone":  # nothing of the slow kind is left, neither pod nor node
            course.at = {"a": "fast-1", "b": "fast-1"}
            course.speeds.pop("pi-1", None)
        else:
            course.speeds["pi-1"] = 0.1 if move == "hot" else 0.25
        if "pi-1" in course.at.values():
            course.speeds.setdefault("pi-1", 0.25)
        course.cycle()
        course.cycle()
    assert course.limits() == {"pi": 1000, "server": None}
    assert course.status.size is not None and before is not None
    assert course.status.size.revision == before.revision


def test_a_kind_that_comes_back_has_its_size_at_once() -> None:
    course = settled()
    course.at = {"a": "fast-1"}
    del course.speeds["pi-1"]
    course.cycle()
    size = course.status.size
    assert size is not None
    assert size.of_class("pi") == replace(
        kept(1000), revision=size.revision, template=size.template, stamped=size.stamped
    )
