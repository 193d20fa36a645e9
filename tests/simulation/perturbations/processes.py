"""Intermediate states: the scaler dies before and after any call, and calls get lost."""

from random import Random

from kube.errors import Unreachable
from tests.simulation.connection import Call, CrashedError
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.world import World


@perturbation(4)
def dies_before_a_call(world: World, chance: Random) -> Heal:
    """The scaler is gone before its next call, or one of the next."""
    return _die(world, chance, "before")


@perturbation(4)
def dies_after_a_call(world: World, chance: Random) -> Heal:
    """The call has its effect, and nobody is there to read the answer."""
    return _die(world, chance, "after")


@perturbation()
def killed(world: World, chance: Random) -> Heal:
    """The scaler dies between two cycles."""
    if world.subject:
        world.kill(world.subject)
    return None


@perturbation(3)
def answer_lost(world: World, chance: Random) -> Heal:
    """A write has its effect, and its answer never comes."""
    left = [chance.randint(1, 3)]

    def lose(call: Call) -> None:
        left[0] -= call.writes
        if call.writes and left[0] == 0:
            raise Unreachable(0, "Broken", "the connection was reset")

    if world.subject:
        world.subject.connection.after.append(lose)
    return lambda: left.__setitem__(0, 0)


@perturbation()
def api_server_down(world: World, chance: Random) -> Heal:
    """No call and no watch of the scaler gets through for a while."""
    until = [world.timeline.now + chance.choice([5.0, 30.0, 120.0])]

    def refuse(*_: object) -> None:
        if world.timeline.now < until[0]:
            raise Unreachable(0, "Refused", "connection refused")

    for subject in world.subjects:
        subject.connection.before.append(refuse)
        subject.watching.disturb = refuse
    return lambda: until.__setitem__(0, 0.0)


def _die(world: World, chance: Random, side: str) -> Heal:
    subject = world.subject
    if subject is None:
        return None
    left = [chance.randint(1, 8)]

    def die(call: Call) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise CrashedError

    getattr(subject.connection, side).append(die)
    return lambda: left.__setitem__(0, 0)
