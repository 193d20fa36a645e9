"""Stale and unobserved state: views that lag, lists from the past, events that nobody saw."""

from random import Random

from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.world import World


@perturbation(4)
def restarts_into_the_past(world: World, chance: Random) -> Heal:
    """A new process whose first lists come from an API server that is behind its etcd."""
    if world.subject is None:
        return None
    world.trace.add("perturbed", "the scaler is restarted")
    world.subject.stop()
    subject = world.start_scaler()
    subject.watching.behind = max(1001, world.etcd.version - chance.choice([1, 3, 10, 40]))

    def catch_up() -> None:
        subject.watching.behind = None
        for feed in subject.feeds:
            feed.plan()

    world.timeline.after(chance.choice([0.5, 3.0, 15.0, 60.0]), catch_up)
    return catch_up


@perturbation(4)
def one_watch_lags(world: World, chance: Random) -> Heal:
    """One of the scaler's watches is far behind the others for a while."""
    if world.subject is None:
        return None
    feed = chance.choice(world.subject.feeds)
    usual, feed.lag = world.lag, chance.choice([(2.0, 5.0), (10.0, 30.0), (40.0, 60.0)])
    world.timeline.after(60.0, lambda: setattr(feed, "lag", usual))
    return lambda: setattr(feed, "lag", usual)


@perturbation(3)
def pods_seen_late(world: World, chance: Random) -> Heal:
    """The watch of pods is silent for a while."""
    if world.subject is None:
        return None
    feed = next(f for f in world.subject.feeds if f.plural == "pods")
    usual, feed.lag = world.lag, chance.choice([(5.0, 10.0), (20.0, 30.0)])
    world.timeline.after(90.0, lambda: setattr(feed, "lag", usual))
    return lambda: setattr(feed, "lag", usual)


@perturbation(3)
def history_compacted(world: World, chance: Random) -> Heal:
    """The watches are blind for a while, and what happened meanwhile is never delivered: 410."""
    if world.subject is None:
        return None
    feeds = world.subject.feeds
    blind = chance.choice([3.0, 15.0, 45.0])
    usual = world.lag
    for feed in feeds:
        feed.lag = (blind, blind + 0.1)

    def see() -> None:
        world.etcd.compacted = world.etcd.version
        for feed in feeds:
            feed.lag = usual

    world.timeline.after(blind - 0.1, see)
    return see
