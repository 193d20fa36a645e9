"""What programs need that a minute's mean does not show. Drawn for one workload in four.

| a program                | is                                                                  |
| ------------------------ | ------------------------------------------------------------------- |
| needs more than it has   | killed right after each start, until it has enough                  |
| reads files all the time | never short of memory, though page cache fills its limit            |
| works in bursts          | throttled in most periods, at a mean below its limit                |
| leaks a little           | near the limit of the manifest from some time on                    |
| is pinched at night      | in long runs, one in two: throttled for longer than a halving takes |
|                          | at next to no mean, at its maximum, and then at rest                |
| burns at its start       | (in worlds of an hour) at its limit for minutes after each start    |

Some have a `memory-max`, above or below what they need.
"""

from functools import partial

from scaler.settings import Settings
from store.annotations import PREFIX
from tests.simulation.world import World

_MIB = 1024 * 1024
_MOST = ["200Mi", "256Mi", "1Gi"]
_PINCHED = "w2"
"""The workload that may be."""


def draw(world: World, name: str, plural: str, settle: float) -> None:
    """By the table above; `settle`: seconds until its pods run."""
    chance, app = world.source[f"kernel {name}"], world.apps[name]
    what = chance.choice(["too little", "files", "bursts", "leak", *[""] * 12])
    if what == "too little":
        app.memory = chance.choice([130, 200, 250, 500]) * _MIB
    elif what == "files":
        app.cache = chance.choice([20, 88, 1000]) * _MIB
    elif what == "bursts":
        app.bursts = chance.choice([500.0, 1000.0, 3000.0])
    elif what == "leak":
        at = settle + chance.uniform(0.0, 200.0)
        world.timeline.after(at, partial(setattr, app, "memory", 120 * _MIB))
    if chance.random() < (0.4 if what == "too little" else 0.1):
        texts = {PREFIX + "memory-max": chance.choice(_MOST)}
        world.person("PATCH", plural, name, {"metadata": {"annotations": texts}})


def pinched(world: World, name: str, plural: str, settle: float) -> bool:
    """Whether a workload is pinched at night; if so, that is all of its load."""
    chance, app = world.source[f"pinched {name}"], world.apps[name]
    longer = world.settings.halve_quiet < Settings().halve_quiet
    if not longer or name != _PINCHED or chance.random() < 0.5:
        return False
    app.demand["main"], app.bursts = 10.0, 1e6
    most, quiet = chance.choice(["100m", "400m"]), world.settings.halve_quiet
    texts = {"mode": "auto", "policy": None, "limits": None, "cpu-max.main": most, "cpu-min": "20m"}
    world.person(
        "PATCH",
        plural,
        name,
        {"metadata": {"annotations": {PREFIX + k: v for k, v in texts.items()}}},
    )
    rests = settle + 150.0 + quiet * chance.uniform(1.2, 2.5)
    world.timeline.after(rests, partial(setattr, app, "bursts", 0.0))
    busy = rests + quiet * chance.uniform(0.5, 2.5)
    world.timeline.after(busy, partial(app.demand.update, main=600.0))
    return True


def burn(world: World, name: str, *, often: bool) -> None:
    """Whether it burns CPU for minutes after each start, in worlds with many starts (`often`)."""
    chance = world.source[f"start-up {name}"]
    if often and chance.random() < 0.3:
        world.apps[name].burns = (chance.uniform(130.0, 280.0), chance.choice([400.0, 1000.0]))
