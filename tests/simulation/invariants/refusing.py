"""What must hold where third-party policies refuse the pods themselves."""

from kube.errors import Forbidden
from tests.simulation import facts
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Cycle
from tests.simulation.invariants.mending import noticed, podsize_for, refused_otherwise
from tests.simulation.invariants.registry import each_cycle
from tests.simulation.invariants.replacing import replacement
from tests.simulation.pods import available

_MINUTE = 60.0


@each_cycle("no workload is without its pods for longer than a minute as a policy refuses our size")
def unmade_is_mended(c: Cycle) -> str | None:
    now, since = c.world.timeline.now, c.memory.unmade
    found = dict(_unmade(c)) if c.world.hostility.policies else {}
    for key in [k for k in since if k not in found]:
        del since[key]
    for key, refusal in found.items():
        if now - since.setdefault(key, now) > _MINUTE + noticed(c) / 2:
            return f"{key[1]}: {refusal}, for {now - since[key]:.0f} s"
    return None


def _unmade(c: Cycle) -> list[tuple[Key, str]]:
    """Workloads that lack a pod which the store's size keeps from coming."""
    out = []
    for owner in c.world.owners():
        podsize = podsize_for(c, owner)
        size = facts.size_of(podsize)
        all_of_it = c.world.pods_of(owner)
        pods = [p for p in all_of_it if "deletionTimestamp" not in p["metadata"]]
        if podsize is None or size is None or len(pods) >= facts.wanted(owner):
            continue
        if owner["kind"] == "StatefulSet" and not all(map(available, all_of_it)):
            continue  # it makes no other pod before that one is gone, or Ready
        if owner["kind"] == "DaemonSet" and len(all_of_it) >= facts.wanted(owner):
            continue  # nor does it where the node's pod is still going
        model = pods[0] if pods else _of_template(owner)
        made, small = replacement(c.world, model, size), replacement(c.world, model, None)
        if refused_otherwise(c, model, small) or _denied(c, small) or not _denied(c, made):
            continue
        out.append((facts.podsize_key(owner), f"{len(pods)} of {facts.wanted(owner)}"))
    return out


def _of_template(owner: Json) -> Json:
    template = owner["spec"]["template"]
    meta = {"name": "new", "namespace": owner["metadata"]["namespace"]}
    return {"metadata": {**template["metadata"], **meta}, "spec": template["spec"], "status": {}}


def _denied(c: Cycle, pod: Json) -> bool:
    try:
        c.world.hostility.create(pod)
    except Forbidden:
        return True
    return False
