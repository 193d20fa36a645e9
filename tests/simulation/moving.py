"""Pods that move back and forth between kinds of node, under a load that stays the same.

Twice there and back, so that each kind has shown what it needs, and then once more: nothing that is
decided by usage may change any more. Only in worlds of unlike nodes in which nothing is halved that
soon (unlike.py), at the end of a run.
"""

from store.reasons import Reason
from tests.simulation import facts, kinds, unlike
from tests.simulation.judge import Judge
from tests.simulation.perturbations.neighbours import cordon
from tests.simulation.perturbations.unlike import leave
from tests.simulation.world import World

_STAY = 200.0
"""Seconds that pods have on each side: a minute is known after two."""
_ROUNDS = 3
_STEP = 5.0
_BY_USAGE = (Reason.DOUBLED, Reason.HALVED, Reason.THROTTLED, Reason.TRACKED)


def to_and_fro(world: World, judge: Judge) -> None:
    """Move them, and look at what was decided while they moved for the last time."""
    seed = world.source.seed
    if not unlike.drawn(seed) or unlike.tidal(seed) or unlike.crowded(seed):
        return
    sides = _sides(world)
    if len(sides) < 2:
        return
    before: dict[str, list[str]] = {}
    for number in range(_ROUNDS):
        if number == _ROUNDS - 1:
            before = _decided(world)
        for side in sides:
            leave(world, side)
            _pass(world, _STAY)
            for node in side:
                cordon(world, node, False)
    wandered = [f"{n}: {now}" for n, now in _decided(world).items() if now != before.get(n, [])]
    if wandered and not world.timeline.over and not _crowded(world):
        judge.wandered("; ".join(wandered))


def _sides(world: World) -> list[list[str]]:
    """The nodes, in two halves by kind."""
    by_kind: dict[str | None, list[str]] = {}
    for (_, name), node in sorted(world.etcd.all("nodes").items()):
        by_kind.setdefault(kinds.said_by(node), []).append(name)
    groups = [by_kind[k] for k in sorted(by_kind, key=str)]
    halves = [[name for group in part for name in group] for part in (groups[::2], groups[1::2])]
    return [half for half in halves if half]


def _decided(world: World) -> dict[str, list[str]]:
    """By PodSize, the lines of its history that follow from usage."""
    out = {}
    for (_, name), obj in world.etcd.all("podsizes").items():
        podsize = facts.podsize_of(obj)
        lines = podsize.status.changes if podsize else ()
        out[name] = [str(c) for c in lines if c.reason in _BY_USAGE]
    return out


def _crowded(world: World) -> bool:
    """Whether some pod has no node: what does not fit is rolled back, and tried again."""
    return any(not p["spec"].get("nodeName") for p in world.etcd.all("pods").values())


def _pass(world: World, seconds: float) -> None:
    while seconds > 0 and not world.timeline.over:
        world.timeline.pass_(_STEP)
        seconds -= _STEP
