"""Hostile neighbours: a second scaler, drains, edited statuses, programs that are never Ready."""

from contextlib import suppress
from random import Random

from kube.errors import KubeError
from tests.simulation.connection import Call
from tests.simulation.etcd import Json
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.pods import available
from tests.simulation.routes import path_of
from tests.simulation.world import World


@perturbation(2)
def second_scaler(world: World, chance: Random) -> Heal:
    """Two scalers at once for a while, as between two releases without a Lease."""
    other = world.start_scaler()

    def end() -> None:
        if len([s for s in world.subjects if not s.dead]) > 1:
            other.stop()

    world.timeline.after(chance.choice([20.0, 100.0]), end)
    return end


@perturbation(2)
def status_touched(world: World, chance: Random) -> Heal:
    """A person writes the status of a PodSize with what is in it: only the version is new."""
    found = [p for p in world.etcd.all("podsizes").values() if p.get("status")]
    if found:
        chosen = chance.choice(found)
        status = {**chosen["status"], "message": "touched"}
        name = chosen["metadata"]["name"]
        world.person("PUT", "podsizes", name, {**chosen, "status": status}, "status")
    return None


@perturbation(3)
def replaced_under_the_hand(world: World, chance: Random) -> Heal:
    """The next eviction is slow to arrive; meanwhile somebody else replaces that very pod."""
    subject, done = world.subject, [False]

    def hold_up(call: Call) -> None:
        if done[0] or not call.evicts:
            return
        done[0] = True
        held = world.etcd.get("pods", call.where.key)
        if held is not None:
            world.trace.add("perturbed", f"{held['metadata']['name']} is replaced meanwhile")
            world.cluster.delete("pods", *call.where.key, gracePeriodSeconds=0)
        world.timeline.pass_(chance.choice([0.5, 2.0, 8.0]))

    if subject:
        subject.connection.before.append(hold_up)
    return lambda: done.__setitem__(0, True)


@perturbation(3)
def another_pod_fails_meanwhile(world: World, chance: Random) -> Heal:
    """Right before the scaler lists the pods of a change again, another one crashes."""
    subject, done = world.subject, [False]

    def crash(call: Call) -> None:
        if done[0] or call.where.sub != "eviction" or not call.dry_run:
            return
        done[0] = True
        pod = world.etcd.get("pods", call.where.key)
        others = [p for p in world.etcd.all("pods").values() if pod and p is not pod]
        app = pod["metadata"]["labels"]["app"] if pod else ""
        mine = [p for p in others if p["metadata"]["labels"]["app"] == app and available(p)]
        if mine:
            world.kubelets.crash(chance.choice(mine))

    if subject:
        subject.connection.before.append(crash)
    return lambda: done.__setitem__(0, True)


@perturbation(2)
def drained(world: World, chance: Random) -> Heal:
    """A node is cordoned and its pods are evicted; later it may be used again."""
    name = chance.choice(sorted(n for _, n in world.etcd.all("nodes")))
    cordon(world, name, True)

    def evict() -> None:
        for (space, pod_name), pod in list(world.etcd.all("pods").items()):
            kinds = {r["kind"] for r in pod["metadata"]["ownerReferences"]}
            if pod["spec"].get("nodeName") == name and "DaemonSet" not in kinds and not world.calm:
                body = {"metadata": {"name": pod_name}, "kind": "Eviction"}
                try:
                    world.api.call("POST", path_of("pods", space, pod_name, "eviction"), body)
                except KubeError:
                    world.timeline.after(5.0, evict)
                    return

    world.timeline.after(1.0, evict)
    return lambda: cordon(world, name, False)


@perturbation(3)
def container_crashes(world: World, chance: Random) -> Heal:
    """One container ends and is started again; its counters start over."""
    running = [p for p in world.etcd.all("pods").values() if available(p)]
    if running:
        world.kubelets.crash(chance.choice(running), chance.choice(["Error", "OOMKilled"]))
    return None


@perturbation(2)
def never_ready_for_a_while(world: World, chance: Random) -> Heal:
    """New pods of one program do not become Ready."""
    app = world.apps[chance.choice(sorted(world.apps))]
    app.never_ready = True

    def well() -> None:
        app.never_ready = False
        for pod in list(world.etcd.all("pods").values()):
            if pod["metadata"]["labels"]["app"] == app.name:
                world.kubelets.changed_mind(pod)

    world.timeline.after(chance.choice([20.0, 100.0]), well)
    return well


def cordon(world: World, name: str, value: bool) -> None:
    """Whether a node takes no pods, set by a user."""
    body: Json = {"spec": {"unschedulable": value or None}}
    with suppress(KubeError):  # the node may have left
        world.person("PATCH", "nodes", name, body)
