"""A webhook that is slow, split, gone or not asked; webhooks of other tools beside it."""

from random import Random

from tests.simulation.etcd import Json
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.world import World


@perturbation(3)
def replica_unreachable(world: World, chance: Random) -> Heal:
    """One replica never answers for a while."""
    replica = chance.choice(world.webhook.replicas)
    replica.up = False
    world.timeline.after(chance.choice([5.0, 60.0]), lambda: setattr(replica, "up", True))
    return lambda: setattr(replica, "up", True)


@perturbation(4)
def replica_behind(world: World, chance: Random) -> Heal:
    """One replica is cut off from the API server and answers from what it had."""
    feed = chance.choice(world.webhook.replicas).feed
    usual, feed.lag = (0.005, 0.2), (20.0, chance.choice([30.0, 90.0]))

    def back() -> None:
        feed.lag = usual
        world.timeline.after(0.1, feed.come_round)

    world.timeline.after(60.0, lambda: setattr(feed, "lag", usual))
    return back


@perturbation()
def webhook_gone(world: World, chance: Random) -> Heal:
    """Nobody answers at all."""
    for replica in world.webhook.replicas:
        replica.up = False

    def back() -> None:
        for replica in world.webhook.replicas:
            replica.up = True

    world.timeline.after(chance.choice([10.0, 60.0, 120.0]), back)
    return back


@perturbation()
def webhook_not_asked(world: World, chance: Random) -> Heal:
    """The entry for pods is gone from the configuration; the one for probes is still there."""
    world.webhook.selected = lambda pod: pod["metadata"]["namespace"] != "shop"

    def back() -> None:
        world.webhook.selected = lambda pod: True

    world.timeline.after(chance.choice([10.0, 60.0]), back)
    return back


@perturbation(1)
def somebody_rewrites(world: World, chance: Random) -> Heal:
    """A policy engine that comes after us sets every container's CPU limit as it likes."""

    def rewrite(pod: Json, dry_run: bool) -> Json:
        containers = [_limited(c) for c in pod["spec"]["containers"]]
        return {**pod, "spec": {**pod["spec"], "containers": containers}}

    def end() -> None:
        world.admission.webhooks = [w for w in world.admission.webhooks if w is not rewrite]

    world.admission.webhooks = [*world.admission.webhooks, rewrite]
    world.timeline.after(200.0, end)
    return end


@perturbation()
def sidecar_injected(world: World, chance: Random) -> Heal:
    """From now on every new pod gets a second container, before or after our webhook."""
    asked = {"cpu": "50m", "memory": "32Mi"}

    def inject(pod: Json, dry_run: bool) -> Json:
        containers = pod["spec"]["containers"]
        if any(c["name"] == "injected" for c in containers):
            return pod
        extra = {"name": "injected", "resources": {"requests": asked, "limits": asked}}
        return {**pod, "spec": {**pod["spec"], "containers": [*containers, extra]}}

    chain = world.admission.webhooks
    world.admission.webhooks = [*chain, inject] if chance.random() < 0.5 else [inject, *chain]
    return None


def _limited(container: Json) -> Json:
    resources = container.get("resources") or {}
    if "limits" not in resources:
        return container
    limits = {**resources["limits"], "cpu": "3"}
    return {**container, "resources": {**resources, "limits": limits}}
