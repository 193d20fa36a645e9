"""What can go wrong between a node agent and the scaler, loads that last for a moment, and heat.

Only in worlds with agents, and drawn apart from the other perturbations.

| what      | what it does to the messages of some nodes, for a while                       |
| --------- | ----------------------------------------------------------------------------- |
| late      | half a second to forty seconds on their way                                   |
| doubled   | each comes twice                                                              |
| shuffled  | they overtake each other                                                      |
| lost      | half of them never come                                                       |
| garbled   | some are those of another version, which ends the connection                  |
| version   | an agent that was replaced by one of another version: refused                 |
| silent    | the agent is gone                                                             |
| lying     | it says that containers are pinned that are idle                              |
"""

from functools import partial
from random import Random

from tests.simulation.agents import Agents
from tests.simulation.world import World

NAMES = ("late", "doubled", "shuffled", "lost", "garbled", "version", "silent", "lying")
_SPIKES = (0.2, 0.4, 0.8, 1.5, 4.0, 15.0)
"""Seconds."""


def plan(world: World, perturbed: float) -> None:
    """Two to six of them, and loads that come and go within seconds."""
    if world.agents is None:
        return
    chance = world.source["agents' faults"]
    for name in sorted(world.apps):
        for _ in range(chance.randint(3, 10)):
            at, seconds = chance.uniform(0.0, perturbed), chance.choice(_SPIKES)
            world.timeline.after(at, partial(_spike, world, name, seconds))
    warm = world.source["heat's times"]
    for _ in range(warm.randint(1, 4)):
        world.timeline.after(warm.uniform(0.0, 0.7 * perturbed), partial(_slow_down, world, warm))
    for _ in range(chance.randint(2, 6)):
        name, at = chance.choice(NAMES), chance.uniform(0.0, 0.8 * perturbed)
        world.timeline.after(at, partial(_come, world, name, Random(chance.random())))


def end(world: World) -> None:
    """What agents say arrives."""
    if world.agents:
        world.agents.faults.clear()
        world.agents.heat.speeds.clear()


def _slow_down(world: World, chance: Random) -> None:
    nodes = sorted(n for _, n in world.etcd.all("nodes"))
    if world.calm or world.agents is None or not nodes:
        return
    node, speed, seconds = chance.choice(nodes), chance.uniform(0.3, 0.9), chance.uniform(90, 600)
    world.trace.add("perturbed", f"heat: {node} runs at {speed:.2f}")
    world.perturbed.add("heat")
    world.agents.heat.comes(node, speed, world.timeline.now, seconds)
    world.timeline.after(seconds, partial(world.agents.heat.ends, node))


def _spike(world: World, name: str, seconds: float) -> None:
    app = world.apps[name]
    usual = app.demand["main"]
    if world.calm or usual > 2000.0:
        return
    app.demand["main"] = 8000.0

    def over() -> None:
        if app.demand["main"] == 8000.0:
            app.demand["main"] = usual

    world.timeline.after(seconds, over)


def _come(world: World, name: str, chance: Random) -> None:
    if world.calm or world.agents is None:
        return
    world.trace.add("perturbed", f"agents: {name}")
    world.perturbed.add(f"agents: {name}")
    nodes = sorted(n for _, n in world.etcd.all("nodes") if chance.random() < 0.7)
    for node in nodes:
        world.agents.faults.setdefault(node, set()).add(name)
        if name in ("silent", "version"):
            world.agents.end(node)
    pause = chance.choice([20.0, 90.0, 200.0])
    world.timeline.after(pause, partial(_over, world.agents, nodes, name))


def _over(agents: Agents, nodes: list[str], name: str) -> None:
    for node in nodes:
        agents.faults.get(node, set()).discard(name)
