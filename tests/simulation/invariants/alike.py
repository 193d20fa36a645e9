"""Have several workloads failed alike of late, as the scaler had to know? Read independently."""

from collections import defaultdict
from collections.abc import Mapping

from kube import timestamps
from tests.simulation import facts
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Taking
from tests.simulation.invariants.replacing import as_stored
from tests.simulation.pods import available

_FIRST, _LONGEST = 300.0, 6 * 3600.0
_ROUNDING = 2.0  # seconds: of the times in the store, and of a cycle that began a moment ago


def failing(t: Taking) -> bool:
    """Whether nothing but trials may be replaced, with some seconds' grace at both ends.

    By what the scaler's watch delivered, and by what is true: of its own writes it knows before.
    """
    return all(_alike(t, states("podsizes")) for states in (t.subject.knows, t.world.etcd.all))


def _alike(t: Taking, podsizes: Mapping[Key, Json]) -> bool:
    settings, now = t.subject.settings, t.world.timeline.now
    kinds: dict[str, list[float]] = defaultdict(list)
    for found in podsizes.values():
        backoff = (found.get("status") or {}).get("backoff") or {}
        until, count = timestamps.seconds(backoff.get("until")), backoff.get("failures", 0)
        if until is None or not count:
            continue
        at = until - min(_FIRST * 2.0 ** (count - 1), _LONGEST)
        if not 0 <= now - at <= settings.breaker_window - 30.0:
            continue
        if _enrolled(t, found) and not _well(t, found) and not _another(t, found):
            kinds[backoff.get("reason") or ""].append(at)
    many = [times for times in kinds.values() if len(times) >= settings.breaker_workloads]
    return any(not _proven(t, max(times)) for times in many)


def _enrolled(t: Taking, podsize: Json) -> bool:
    owner = _owner(t, podsize)
    return owner is not None and facts.annotation(owner, "mode") is not None


def _well(t: Taking, found: Json) -> bool:
    """Whether all its pods are Ready, as the store says: its failure is over, written or not."""
    owner, podsize = _owner(t, found), facts.podsize_of(found)
    size = facts.size_of(podsize)
    if owner is None or podsize is None or size is None or podsize.status.retreated:
        return False  # that an older size works says nothing about the one that did not
    pods = t.world.pods_of(owner)
    return bool(pods) and all(available(p) and as_stored(t.world, p, size, owner) for p in pods)


def _another(t: Taking, found: Json) -> bool:
    """Whether a pod with its size crash-loops: that failure is recorded in the same cycle, and is
    of another kind than pods that came without it."""
    owner, podsize = _owner(t, found), facts.podsize_of(found)
    size = facts.size_of(podsize)
    pods = t.world.pods_of(owner) if owner else []
    return any(
        size is not None and facts.revision_of(p) == size.revision and facts.ever_killed(p)
        for p in pods
        if not available(p)
    )


def _owner(t: Taking, podsize: Json) -> Json | None:
    for owner in t.world.owners():
        meta = podsize["metadata"]
        if facts.podsize_key(owner) == (meta["namespace"], meta["name"]):
            return owner
    return None


def _proven(t: Taking, since: float) -> bool:
    """Whether some pod that was made since came as its store says, and is Ready."""
    pods = [*t.subject.knows("pods").values(), *t.world.etcd.all("pods").values()]
    for pod in pods:
        made = timestamps.seconds(pod["metadata"]["creationTimestamp"]) or 0.0
        if made <= since - _ROUNDING or not available(pod):
            continue
        owner = facts.owner_of(t.world.etcd, pod)
        size = facts.size_of(facts.podsize_for(t.world.etcd, owner))
        if size and facts.revision_of(pod) == size.revision and as_stored(t.world, pod, size):
            return True
    return False
