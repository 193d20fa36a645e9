"""What must hold whenever the scaler lets go of a held pod: deletes it, or hands it back."""

from store.annotations import SURPLUS
from tests.simulation import facts
from tests.simulation.invariants.about import Taking
from tests.simulation.invariants.registry import when_deleting, when_handing_back
from tests.simulation.pods import COST, available


@when_deleting(
    "a held pod is deleted only once as many others as desired replicas are Ready, "
    "unless people asked for deletion, it is drained and another waits for room, or it is down"
)
def others_are_ready(t: Taking) -> str | None:
    if "delete" in (facts.annotation(o, "disruption") for o in (t.owner, t.known)):
        return None
    if t.down:
        return None
    if _drained(t) and any(facts.unplaced(p) for p in t.pods):
        return None
    wanted = min(facts.wanted(t.owner), facts.wanted(t.known))
    ready = sum(available(p) for p in t.pods)
    return f"{t.name} with {ready} of {wanted} Ready" if ready < wanted else None


@when_deleting("no pod is deleted that a Service still leads to, unless people asked for deletion")
def out_of_its_services(t: Taking) -> str | None:
    if "delete" in (facts.annotation(o, "disruption") for o in (t.owner, t.known)):
        return None
    if t.down:
        return None  # a pod that is not Ready is in no Service's list
    labels = t.pod["metadata"]["labels"].items()
    services = t.world.etcd.all("services").values()
    leads = [s["metadata"]["name"] for s in services if s["spec"]["selector"].items() <= labels]
    return f"{t.name}, of Service {leads[0]}" if leads else None


def _drained(t: Taking) -> bool:
    """Whether it bears the mark of a drained pod."""
    return COST in (t.pod["metadata"].get("annotations") or {})


@when_deleting("no pod is deleted that is not held")
def only_what_is_held(t: Taking) -> str | None:
    return None if facts.held(t.pod) else t.name


@when_handing_back("no pod is handed back while all the others are Ready: one of them would go")
def somebody_is_not_ready(t: Taking) -> str | None:
    wanted = max(facts.wanted(t.owner), facts.wanted(t.known))
    ready = sum(available(p) for p in t.pods)
    if ready < wanted or not wanted:
        return None
    pod = t.world.etcd.get("pods", (t.pod["metadata"]["namespace"], t.name))
    marked = SURPLUS.items() <= ((pod or t.pod)["metadata"].get("annotations") or {}).items()
    refused = t.world.hostility.policies or t.world.timeline.now - t.world.hostility.ended < 5.0
    if marked and refused:
        return None  # whoever refused its deletion leaves it to the owner, which takes it first
    return f"{t.name} with {ready} of {wanted} Ready"
