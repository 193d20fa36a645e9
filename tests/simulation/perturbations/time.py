"""Time: clocks that step, cycles that take long, kubelets that are ahead."""

from random import Random

from tests.simulation.connection import Call
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.world import World


@perturbation(4)
def clock_steps(world: World, chance: Random) -> Heal:
    """The scaler's clock steps forth or back, and is right again later."""

    def step(seconds: float) -> None:
        world.ahead = seconds
        for subject in world.subjects:
            subject.ahead = seconds

    step(chance.choice([-3600.0, -120.0, -30.0, 30.0, 120.0, 3600.0]))
    world.timeline.after(chance.choice([5.0, 60.0, 300.0]), lambda: step(0.0))
    return lambda: step(0.0)


@perturbation(3)
def calls_take_long(world: World, chance: Random) -> Heal:
    """For a while each call of the scaler takes seconds, and so does each cycle."""
    subject = world.subject
    if subject is None:
        return None
    connection = subject.connection
    usual = type(connection).latency  # it may be slow already
    connection.latency = chance.choice([(0.2, 1.0), (1.0, 5.0)])
    world.timeline.after(60.0, lambda: setattr(connection, "latency", usual))
    return lambda: setattr(connection, "latency", usual)


@perturbation(2)
def one_call_hangs(world: World, chance: Random) -> Heal:
    """One of the next calls takes half a minute before it has its effect."""
    left = [chance.randint(1, 6)]

    def hang(call: Call) -> None:
        left[0] -= 1
        if left[0] == 0:
            world.timeline.pass_(chance.choice([5.0, 30.0, 60.0]))

    if world.subject:
        world.subject.connection.before.append(hang)
    return lambda: left.__setitem__(0, 0)


@perturbation(2)
def kubelet_clock_steps(world: World, chance: Random) -> Heal:
    """A kubelet's clock is corrected."""
    name = chance.choice(sorted(n for _, n in world.etcd.all("nodes")))
    world.kubelets.skew[name] = chance.choice([-90.0, -20.0, 20.0, 90.0])
    return None
