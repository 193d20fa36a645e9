"""What happens in the very moment in which a pod is held, or drained: seldom hit by chance alone.

| what    | what happens                                                                        |
| ------- | ----------------------------------------------------------------------------------- |
| none    | right after a hand-over the workload is scaled to none, and later back              |
| drained | the same right after a drain                                                        |
| room    | right after a drain another pod of the workload is lost, and no node takes pods     |
| young   | paused for a while, once the replacement is Ready, but not yet for `minReadySeconds` |

Drawn apart from the other perturbations, so that a seed without any is the world that it was.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from random import Random

from kube.errors import KubeError
from store.annotations import PREFIX
from tests.simulation import facts
from tests.simulation.connection import Call
from tests.simulation.etcd import Event, Json
from tests.simulation.perturbations.neighbours import cordon
from tests.simulation.pods import available
from tests.simulation.routes import OWNERS
from tests.simulation.world import World

NAMES = ("none", "none", "drained", "drained", "room")
_SHARE = 0.12
"""Of the seeds."""
_YOUNG = 0.25
"""Of the seeds, of which few have workloads with `minReadySeconds` that surge."""
_SCALED = (20.0, 60.0)
_FULL = (100.0, 200.0)
"""Seconds until it is over."""


def plan(world: World, seconds: float) -> None:
    """Let the seed's come, once; after so many seconds nothing of it is left."""
    chance = world.source["while held"]
    if chance.random() < _SHARE:
        until = world.timeline.now + seconds
        world.moments.append(_Moment(world, chance, chance.choice(NAMES), until))
    other = world.source["young while held"]
    if other.random() < _YOUNG:
        world.etcd.listeners.append(_Young(world, other, world.timeline.now + seconds))


@dataclass
class _Moment:
    """Waits for its moment. `over`: whether it has come; `until`: when all is as it was again."""

    world: World
    chance: Random
    name: str
    until: float
    over: bool = False

    def __call__(self, what: str, call: Call) -> None:
        if self.over or self.world.calm or not _is(self.name, call):
            return
        pod = self.world.etcd.get("pods", call.where.key)
        owner = facts.owner_of(self.world.etcd, pod) if pod else None
        if pod is None or owner is None:
            return
        self.over = True
        self.world.perturbed.add(f"{self.name} while held")
        come = self._full if self.name == "room" else self._scaled
        self.world.timeline.after(self.chance.uniform(0.0, 0.2), partial(come, owner, pod))

    def _scaled(self, owner: Json, pod: Json) -> None:
        self.world.trace.add("perturbed", f"none is wanted of {owner['metadata']['name']}")
        _scale(self.world, owner, 0)
        back = partial(_scale, self.world, owner, facts.wanted(owner))
        self.world.timeline.after(self._seconds(_SCALED), back)

    def _full(self, owner: Json, pod: Json) -> None:
        world = self.world
        nodes = sorted(name for _, name in world.etcd.all("nodes"))
        world.trace.add("perturbed", f"no node takes pods, and one of {owner['kind']} is lost")
        for name in nodes:
            cordon(world, name, True)
        others = [p for p in world.pods_of(owner) if p["metadata"]["uid"] != pod["metadata"]["uid"]]
        if others:
            meta = self.chance.choice(others)["metadata"]
            world.cluster.delete("pods", meta["namespace"], meta["name"], gracePeriodSeconds=0)
        over = self._seconds(_FULL)
        for name in nodes:
            world.timeline.after(over, partial(cordon, world, name, False))

    def _seconds(self, drawn: tuple[float, float]) -> float:
        left = self.until - self.world.timeline.now
        return max(0.0, min(self.chance.uniform(*drawn), left))


@dataclass
class _Young:
    """Waits for a replacement that is Ready. `over`, `until`: as of a moment."""

    world: World
    chance: Random
    until: float
    over: bool = False

    def __call__(self, event: Event) -> None:
        if self.over or self.world.calm or event.kind != "pods":
            return
        owner = _replaced_by(self.world, event)
        seconds = owner["spec"].get("minReadySeconds") if owner else None
        if owner is None or not seconds:
            return
        self.over = True
        self.world.perturbed.add("young while held")
        soon = self.chance.uniform(0.1, 0.6) * seconds
        self.world.timeline.after(soon, partial(self._paused, owner, "true"))
        left = max(soon, self.until - self.world.timeline.now)
        over = min(soon + self.chance.uniform(*_SCALED), left)
        self.world.timeline.after(over, partial(self._paused, owner, None))

    def _paused(self, owner: Json, text: str | None) -> None:
        body = {"metadata": {"annotations": {f"{PREFIX}paused": text}}}
        with suppress(KubeError):
            self.world.person("PATCH", OWNERS[owner["kind"]], owner["metadata"]["name"], body)


def _replaced_by(world: World, event: Event) -> Json | None:
    """The workload one of whose pods is held, where the event is that another is Ready."""
    before, after = event.before, event.after
    if before is None or after is None or available(before) or not available(after):
        return None
    owner = facts.owner_of(world.etcd, after)
    holder = facts.podsize_for(world.etcd, owner) if owner else None
    held = (facts.held(p) for p in world.etcd.all("pods").values())
    return owner if holder and holder.uid in held else None


def _is(name: str, call: Call) -> bool:
    if name == "none":
        return call.hands_over
    patched = call.verb == "PATCH" and call.where.kind.plural == "pods"
    return patched and not (call.hands_over or call.hands_back)


def _scale(world: World, owner: Json, count: int) -> None:
    body = {"spec": {"replicas": count}}
    try:
        world.person("PATCH", OWNERS[owner["kind"]], owner["metadata"]["name"], body)
    except KubeError as e:
        world.trace.add("person", f"is refused: {e}")
