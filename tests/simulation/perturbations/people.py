"""Users: they edit, scale, pause, mistype, delete and roll out at any time."""

from random import Random

from kube.errors import KubeError
from tests.simulation import shapes
from tests.simulation.etcd import Json
from tests.simulation.facts import podsize_key
from tests.simulation.perturbing import Heal, perturbation
from tests.simulation.routes import OWNERS
from tests.simulation.world import World
from tests.simulation.worlds import PREFIX


@perturbation(6)
def size_by_hand(world: World, chance: Random) -> Heal:
    """A size by hand is set or removed."""
    owner = _somebody(world, chance)
    cpu = chance.choice([100, 300, 500, 800, 1500])
    hand = {"name": "main", "requests": {"cpu": f"{cpu}m"}, "limits": {"cpu": f"{2 * cpu}m"}}
    spec = {"containers": [] if chance.random() < 0.2 else [hand]}
    _try(world, "PATCH", "podsizes", podsize_key(owner)[1], {"spec": spec})
    return None


@perturbation(3)
def manifest_edited(world: World, chance: Random) -> Heal:
    """The CPU in a pod template: Deployments and StatefulSets roll out, others do not."""
    owner = _somebody(world, chance)
    template = owner["spec"]["template"]
    cpu = chance.choice([150, 350])
    resources = {"requests": {"cpu": f"{cpu}m"}, "limits": {"cpu": f"{3 * cpu}m"}}
    first, *rest = template["spec"]["containers"]
    containers = [{**first, "resources": resources}, *rest]
    _edit(world, owner, {"spec": {"template": {"spec": {"containers": containers}}}})
    return None


@perturbation(2)
def rolled_out(world: World, chance: Random) -> Heal:
    """A new image."""
    owner = _somebody(world, chance)
    first, *rest = owner["spec"]["template"]["spec"]["containers"]
    containers = [{**first, "image": f"registry.test/main:{chance.randint(2, 99)}"}, *rest]
    _edit(world, owner, {"spec": {"template": {"spec": {"containers": containers}}}})
    return None


@perturbation(2)
def rollout_halted(world: World, chance: Random) -> Heal:
    """A Deployment is paused in the middle of a rollout: pods of two templates, all Ready."""
    deployments = [o for o in world.owners() if o["kind"] == "Deployment"]
    if not deployments:
        return None
    owner = chance.choice(deployments)
    first, *rest = owner["spec"]["template"]["spec"]["containers"]
    containers = [{**first, "image": f"registry.test/main:{chance.randint(2, 99)}"}, *rest]
    _edit(world, owner, {"spec": {"template": {"spec": {"containers": containers}}}})

    def pause(value: bool) -> None:
        _edit(world, owner, {"spec": {"paused": value or None}})

    world.timeline.after(chance.choice([0.5, 1.0, 5.0]), lambda: pause(True))
    return lambda: pause(False)


@perturbation(3)
def scaled(world: World, chance: Random) -> Heal:
    """More or fewer replicas, none among them."""
    owner = _somebody(world, chance)
    if owner["kind"] != "DaemonSet":
        _edit(world, owner, {"spec": {"replicas": chance.choice([0, 1, 2, 3, 5])}})
    return None


@perturbation(2)
def paused_for_a_while(world: World, chance: Random) -> Heal:
    """`podtailor.io/paused`, later taken away."""
    owner = _somebody(world, chance)
    return _annotated(world, chance, owner, {"paused": "true"})


@perturbation(2)
def mistyped(world: World, chance: Random) -> Heal:
    """A malformed annotation, later corrected."""
    owner = _somebody(world, chance)
    return _annotated(world, chance, owner, {"cpu-max": shapes.MISTYPED})


@perturbation(2)
def mode_changed(world: World, chance: Random) -> Heal:
    """Off, only observed, only for new pods, or enrolled again."""
    mode = chance.choice(["off", "observe", "initial", "auto", None])
    owner = _somebody(world, chance)
    return _annotated(world, chance, owner, {"mode": mode}, back="auto")


@perturbation(3)
def pod_deleted(world: World, chance: Random) -> Heal:
    """Somebody deletes a pod, at once or with grace."""
    pods = [p for key, p in world.etcd.all("pods").items() if key[0] == "shop"]
    if pods:
        name = chance.choice(pods)["metadata"]["name"]
        options = chance.choice([{}, {"gracePeriodSeconds": 0}])
        _try(world, "DELETE", "pods", name, options)
    return None


@perturbation(2)
def podsize_deleted(world: World, chance: Random) -> Heal:
    """Somebody deletes a PodSize, with all that it remembers."""
    owner = _somebody(world, chance)
    _try(world, "DELETE", "podsizes", podsize_key(owner)[1], {})
    return None


@perturbation()
def budget_changed(world: World, chance: Random) -> Heal:
    """A budget that allows nothing for a while."""
    budgets = list(world.etcd.all("poddisruptionbudgets").values())
    if not budgets:
        return None
    name = chance.choice(budgets)["metadata"]["name"]
    tight: Json = {"spec": {"maxUnavailable": 0, "minAvailable": None}}
    _try(world, "PATCH", "poddisruptionbudgets", name, tight)
    return lambda: _try(
        world, "PATCH", "poddisruptionbudgets", name, {"spec": {"maxUnavailable": 1}}
    )


def _somebody(world: World, chance: Random) -> Json:
    return chance.choice([o for o in world.owners() if o["metadata"]["name"] != "filler"])


def _edit(world: World, owner: Json, body: Json) -> None:
    _try(world, "PATCH", OWNERS[owner["kind"]], owner["metadata"]["name"], body)


def _annotated(
    world: World, chance: Random, owner: Json, texts: Json, back: str | None = None
) -> Heal:
    def put(given: Json) -> None:
        named = {PREFIX + short: text for short, text in given.items()}
        _edit(world, owner, {"metadata": {"annotations": named}})

    put(texts)
    later = dict.fromkeys(texts, back)
    if chance.random() < 0.7:
        world.timeline.after(chance.choice([1.0, 10.0, 60.0]), lambda: put(later))
    return lambda: put(later)


def _try(world: World, verb: str, plural: str, name: str, body: Json) -> None:
    try:
        world.person(verb, plural, name, body)
    except KubeError as e:
        world.trace.add("person", f"is refused: {e}")
