"""What must hold of each pod that the scaler replaces."""

from collections.abc import Callable

from store.model import Apply
from tests.simulation import facts, limits, scheduling
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Taking
from tests.simulation.invariants.memory import best_revision
from tests.simulation.invariants.registry import when_taking
from tests.simulation.invariants.replacing import (
    as_stored,
    nowhere,
    of_pod,
    over_quota,
    refused,
    replacement,
)
from tests.simulation.invariants.resting import at_rest


@when_taking("no pod is replaced that has what the store says: nothing would be gained")
def taken_for_a_purpose(t: Taking) -> str | None:
    size = t.podsize.status.size if t.podsize else None
    if size is None:
        return f"{t.name}, and the store has no size for it"
    if facts.refused_for_class(t.pod, of_pod(t.world, t.pod, size)):
        return f"{t.name}: its QoS class would change, so that the webhook never gives {size}"
    if t.in_need:
        return None
    # What a kubelet has done to it since the look right before nobody could know.
    same = t.seen["metadata"]["uid"] == t.pod["metadata"]["uid"]
    both = (t.pod, t.seen) if same else (t.pod,)
    stored = all(as_stored(t.world, p, size, t.known) for p in both)
    return f"{t.name} is as the store says" if stored else None


@when_taking(
    "no pod is replaced unless the webhook was seen to give the size that it is replaced for"
)
def webhook_seen(t: Taking) -> str | None:
    if t.podsize is None or t.podsize.status.size is None:
        return None
    key, needed = facts.podsize_key(t.owner), t.podsize.status.size.revision
    seen, when = t.memory.answered.get((t.subject.connection.actor, key), (-1, 0.0))
    best = max(best_revision(t.world, key), seen if when >= t.subject.true_began else -1)
    return f"{t.name}: revision {needed}, the best was {best}" if best < needed else None


@when_taking("no healthy pod is replaced unasked: off, observe, initial, paused")
def asked_for(t: Taking) -> str | None:
    mode = facts.annotation(t.known, "mode")
    paused = facts.annotation(t.known, "paused")
    if t.subject.settings.dry_run:
        return f"{t.name}, and the scaler is only to say what it would do"
    if t.in_need:
        return None
    modes = {facts.mode_of(t.known, c["name"]) for c in t.pod["spec"]["containers"]}
    if "auto" not in modes or paused == "true":
        return f"{t.name}: mode {mode}, paused {paused}"
    if t.podsize and t.podsize.status.size and t.podsize.status.size.apply is Apply.NEW:
        return f"{t.name}: the size is for new pods only"
    return None


@when_taking("the only pod of a workload is not taken unless that was asked for, or it is down")
def single_replica_waits(t: Taking) -> str | None:
    alone = len(t.pods) <= 1 and facts.wanted(t.owner) <= 1
    asked = facts.annotation(t.known, "single-replica") == "restart"
    kept = asked or t.in_need or t.surges or t.down
    return f"{t.name} is the only one" if alone and not kept else None


@when_taking("no pod is replaced that would come back as another program")
def same_program(t: Taking) -> str | None:
    if t.owner["kind"] not in ("ReplicationController", "ReplicaSet"):
        return None
    said = [facts.images(o["spec"]["template"]) for o in (t.known, t.owner)]
    had = facts.images(t.pod)
    same = any(images.items() <= had.items() for images in said)
    return None if same else f"{t.name} runs {had}, its template says {said[-1]}"


@when_taking("no pod is replaced in the middle of a rollout")
def no_rollout(t: Taking) -> str | None:
    if t.in_need or t.down:
        return None  # it serves nobody, and of which template the next one is makes no difference
    status = t.known.get("status") or {}
    if status.get("observedGeneration", 0) < t.known["metadata"]["generation"]:
        return f"{t.name}: the newest spec was not taken up"
    here = [p for p in t.pods if not facts.lingers(p, t.world.timeline.now)]
    owners = {p["metadata"]["ownerReferences"][0]["uid"] for p in here}
    return f"{t.name}: pods of {len(owners)} ReplicaSets" if len(owners) > 1 else None


@when_taking("no pod is replaced whose replacement could not come: no room, or refused")
def replacement_can_come(t: Taking) -> str | None:
    if t.podsize is None:
        return None
    made, detail = replacement(t.world, t.pod, t.podsize.status.size), None
    if all(_no_room(t, made, states) for states in (t.subject.knows, t.world.etcd.all)):
        return f"{t.name} would fit nowhere"
    for ranges in (t.subject.knows("limitranges"), t.world.etcd.all("limitranges")):
        refusal = refused(made, ranges)
        if refusal is None:
            break
        detail = refusal
    else:
        return detail
    full = limits.ranged(made, t.world.etcd.all("limitranges"))
    gone = None if t.surges else t.pod
    for states in (t.subject.knows, t.world.etcd.all):
        for pods in (states("pods"), at_rest(t, states("pods"))):
            detail = over_quota(gone, full, states("resourcequotas"), pods)
            if detail is None:
                return None
    return detail


@when_taking("each pod is on record in the store before it is replaced")
def on_record(t: Taking) -> str | None:
    if t.podsize is None:
        return f"{t.name}, and its workload has no PodSize"
    restarts = t.podsize.status.restarts
    if not restarts.count or restarts == t.memory.claims.get(t.podsize.uid):
        return f"{t.name}, and the store says only {restarts}"
    return None


def _no_room(t: Taking, made: Json, states: Callable[[str], dict[Key, Json]]) -> bool:
    nodes, pods = states("nodes"), states("pods")
    if t.surges:
        return not scheduling.fitting(made, nodes, pods)
    return nowhere(t.pod, made, nodes, pods)
