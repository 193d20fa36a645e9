"""What must hold whenever the scaler writes a status."""

from collections.abc import Mapping

from msgspec.structs import replace

from kube import quantity, timestamps
from scaler.policies import start_up
from store.model import StoredSize
from store.reasons import Reason
from store.records import Change
from tests.simulation import facts, kubelets
from tests.simulation.counters import Counter
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants import minutes, pins
from tests.simulation.invariants.about import (
    Writing,
    container_of,
    entries,
    every_kind,
    key_of,
    values,
)
from tests.simulation.invariants.registry import when_writing
from tests.simulation.invariants.replacing import rewritten
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.resizing import asked_last, given_by_others


@when_writing("no size is outside the bounds that people and the cluster set")
def within_bounds(w: Writing) -> str | None:
    if not w.resized or w.new.status.size is None or w.known is None:
        return None
    old = dict(values(w.old))
    for key, c in entries(w.new.status.size):
        for most in (facts.cpu_max(w.known, c.name), w.subject.settings.cpu_max):
            base = c.size.requests.cpu if c.size.limits.cpu is None else c.size.limits.cpu
            if most is not None and base is not None and base > most and old.get(key) != c.size:
                return f"{key}: {base}m is above {most}m"
    return None


@when_writing("in no size is a request above its limit")
def request_within_limit(w: Writing) -> str | None:
    for key, c in entries(w.new.status.size):
        for r in ("cpu", "memory"):
            request, limit = c.size.pair(r)
            if request is not None and limit is not None and request > limit:
                return f"{key}: {r} {request} above {limit}"
    return None


@when_writing("a revision always means one size, and none that comes later has a lower one")
def revisions_grow(w: Writing) -> str | None:
    size = w.new.status.size
    if size is None:
        return None
    for (uid, revision), known in w.memory.first.items():
        if uid != w.new.uid:
            continue
        same = all(_of_kind(known, k) == _of_kind(size, k) for k in every_kind(known, size))
        if revision == size.revision and not same:
            return f"revision {revision} was {values(w.old)} and became {values(w.new)}"
        if revision > size.revision and w.resized:
            return f"revision {size.revision} after {revision}"
    return None


def _of_kind(size: StoredSize, kind: str | None) -> list[tuple[str, object]]:
    return [(c.name, c.size) for c in size.of_class(kind).containers]


def _same_line(a: Change, b: Change) -> bool:
    """The same line, or its repetition by whoever opts out and in again."""
    return a.revision <= b.revision and replace(a, at=b.at, revision=b.revision) == b


@when_writing("what somebody else wrote meanwhile is never written over")
def nothing_overwritten(w: Writing) -> str | None:
    old, new = w.old.status, w.new.status
    if old.changes and not any(_same_line(old.changes[0], c) for c in new.changes):
        return f"the change {old.changes[0]} is gone from the history"
    if old.restarts.hour == new.restarts.hour and new.restarts.count < old.restarts.count:
        return f"restarts from {old.restarts.count} to {new.restarts.count}"
    return None


@when_writing("nobody's size changes, but back, while its workload observes, is paused or has left")
def changes_where_asked(w: Writing) -> str | None:
    if not w.resized or w.known is None:
        return None
    mode, paused = facts.annotation(w.known, "mode"), facts.annotation(w.known, "paused")
    leaves = mode in (None, "off") and w.new.status.size is None
    stopped = paused == "true" or w.subject.settings.dry_run
    acting = all(
        facts.mode_of(w.known, container_of(key)) in ("auto", "initial") for key in _changed(w)
    )
    if (acting and not stopped) or leaves or (w.taken_back and not w.subject.settings.dry_run):
        return None
    return f"mode {mode}, paused {paused}: {values(w.old)} to {values(w.new)}"


@when_writing(
    "a size doubles only after a minute at the limit, a minute after the start, or for a burst"
)
def doubling_earned(w: Writing) -> str | None:
    if w.new.status.changes[:1] == w.old.status.changes[:1]:
        return None
    fresh = w.new.status.changes[: len(w.new.status.changes) - len(w.old.status.changes) or 1]
    for change in fresh:
        grew = key_of(change) in _changed(w)  # else what pods come with was learnt again
        reported = pins.reported(w, change)
        if change.reason is Reason.DOUBLED and grew and first_of_kind(w, change):
            continue  # asked by first_by_the_ratio
        if change.reason is Reason.DOUBLED and grew and not reported and not earned(w, change):
            return f"{change.container}: {change.before} to {change.after}"
    return None


@when_writing(
    "a failure is counted only where a pod came without the stored size, or with its revision but "
    "other values, or it went back, or a held pod is handed back whose replacement is not Ready"
)
def failures_are_real(w: Writing) -> str | None:
    size = w.new.status.size
    if size is None or w.new.status.backoff.failures <= w.old.status.backoff.failures:
        return None
    if w.taken_back or _replacement_fails(w):
        return None
    if w.world.perturbed & CLOCK_STEPS and (w.new.uid, size.revision) in w.memory.unseen:
        return None  # by a clock that steps, a pod that was not known was made later
    missed = any(m.revision == size.revision for m in w.memory.missed[w.new.uid])
    return (
        None
        if missed or _rewritten(w, size) or _without_image(w) or _unknown(w)
        else f"{w.new.name}: {w.new.status.backoff}, {w.new.status.message}"
    )


@when_writing("no size is blamed for an image that cannot be pulled")
def images_are_not_the_sizes_fault(w: Writing) -> str | None:
    blamed = w.taken_back and "ImagePullBackOff" in w.new.status.message
    return f"{w.new.name}: {w.new.status.message}" if blamed else None


@when_writing("an hour's restarts are not forgotten because a clock has stepped back")
def restarts_remembered(w: Writing) -> str | None:
    old, new = w.old.status.restarts, w.new.status.restarts
    before, after = timestamps.seconds(old.hour), timestamps.seconds(new.hour)
    if before is None or after is None or not 0 < before - after <= 3600:
        return None
    return f"{w.new.name}: {old} became {new}"


@when_writing("every status says where the workload stands, with one reason")
def reason_given(w: Writing) -> str | None:
    status = w.new.status
    return None if status.phase and status.reason else f"{status.phase} {status.reason}"


def _unknown(w: Writing) -> bool:
    """Whether a pod did not pass the webhook and was resized since: what it came with is not to be
    seen any more."""
    sets = w.world.etcd.all("replicasets")
    mine = facts.pods_of(w.known, w.subject.knows("pods"), sets) if w.known else []
    return any(facts.revision_of(p) is None and asked_last(p) for p in mine)


def _without_image(w: Writing) -> bool:
    """Whether some pod waits for its image, as the scaler had to know."""
    sets = w.world.etcd.all("replicasets")
    mine = facts.pods_of(w.known, w.subject.knows("pods"), sets) if w.known else []
    return any(kubelets.waiting(p) for p in mine)


def _rewritten(w: Writing, size: StoredSize) -> bool:
    """Whether some pod bears the stored revision with other values, or did when first seen."""
    if w.known is None:
        return False
    sets, mine = w.world.etcd.all("replicasets"), []
    for pods in (w.subject.knows("pods"), w.world.etcd.all("pods")):
        mine += facts.pods_of(w.known, pods, sets)
    return any(rewritten(w.world, p, size, w.known) for p in mine)


def _replacement_fails(w: Writing) -> bool:
    """By what the scaler knew, or by what is true."""
    return any(_fails(w, pods) for pods in (w.subject.knows("pods"), w.world.etcd.all("pods")))


def _fails(w: Writing, pods: Mapping[Key, Json]) -> bool:
    held = [p for p in pods.values() if facts.held(p) == w.new.uid]
    owner = facts.owner_of(w.world.etcd, held[0]) if held else None
    if owner is None:
        return False
    sets = w.world.etcd.all("replicasets")
    return not facts.healthy(owner, facts.pods_of(owner, pods, sets))


def _changed(w: Writing) -> set[str]:
    """The containers whose values are others now; those that were let go back aside."""
    old, new = dict(values(w.old)), dict(values(w.new))
    return {name for name in new if old.get(name) != new[name]}


def earned(w: Writing, change: Change, *, warm: bool = False) -> bool:
    """Whether a minute was at the limit; `warm`: after the start-up that the status has."""
    now = w.world.timeline.now
    counters = w.world.kubelets.counters.all.get((w.new.workload.name, change.container), [])
    # A look of the kubelet is received up to an interval later, and a cycle takes a while.
    oldest = minutes.OLDEST + w.subject.settings.interval + 30.0
    return any(
        minutes.at_limit(
            c,
            now - oldest,
            left_out(w, c) if warm else 0.0,
            _base(w, c, change),
            minutes.counts(w.world, c, change.node_class),
        )
        for c in counters
    )


def first_of_kind(w: Writing, change: Change) -> bool:
    """Whether it may be the first size of a kind of node, made of another's: nothing of its own is
    known yet."""
    size = w.old.status.size
    listed = {c.name for c in size.classes} if size else set()
    return bool(listed) and change.node_class is not None and change.node_class not in listed


def left_out(w: Writing, counter: Counter) -> float:
    """Seconds after a container's start that say nothing of its CPU, by what was stored."""
    known = next((r for r in w.old.status.start_ups if r.name == counter.container), None)
    seconds = start_up.wait(known, counter.base or 0)
    return max(0.0, seconds - 5.0)  # the kubelet's idea of a start and ours


def _base(w: Writing, counter: Counter, change: Change) -> int | None:
    """What a pod is measured by: its own; what it should have, while it waits to be halved, or was
    given something else by others."""
    pod = w.world.etcd.get("pods", (counter.namespace, counter.pod))
    if counter.base is not None and pod is not None and given_by_others(pod):
        return min(counter.base, quantity.cpu(change.before or "0"))
    mine = [c for c in w.old.status.changes if (key_of(c), c.resource) == (key_of(change), "cpu")]
    if counter.base is None or not mine or mine[0].reason is not Reason.HALVED:
        return counter.base
    return min(counter.base, quantity.cpu(change.before or "0"))
