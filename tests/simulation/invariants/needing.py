"""What must hold of what grows for memory or bursts, by what the containers really needed."""

from typing import Any

from kube import quantity
from store.reasons import Reason
from tests.simulation import facts
from tests.simulation.invariants.about import Writing, entries, values
from tests.simulation.invariants.registry import when_writing
from tests.simulation.quantities import of_container

_MOST = 0.8
"""Share of its limit that a program must need to be given more without having been killed."""


@when_writing("memory never grows for page cache, nor for what the kernel can take back")
def never_for_page_cache(w: Writing) -> str | None:
    app = w.world.apps.get(w.new.workload.name)
    for change in w.fresh(Reason.MEMORY_PRESSURE):
        had = quantity.memory(change.before or "0")
        need = app.memory if app and change.container == _first(w) else 1024**2
        if need < _MOST * had:
            return f"{change}: it needs {need} bytes"
    return None


@when_writing("memory grows for a kill only where a container was killed at that very limit")
def killed_at_that_limit(w: Writing) -> str | None:
    fresh = w.fresh(Reason.OOM_KILLED)
    if not fresh or w.known is None:
        return None
    states = (w.subject.knows("pods"), w.world.etcd.all("pods"))
    sets = w.world.etcd.all("replicasets")
    pods = [p for s in states for p in facts.pods_of(w.known, s, sets)]
    for change in fresh:
        limits = [_limit(p, change.container) for p in pods if facts.ever_killed(p)]
        if quantity.memory(change.before or "0") > max(limits, default=0):
            return f"{change}: killed with {limits}"
    return None


@when_writing("memory is never above `memory-max`")
def memory_within_bounds(w: Writing) -> str | None:
    text = w.known and facts.annotation(w.known, "memory-max")
    if not text or not w.resized or w.new.status.size is None:
        return None
    old = dict(values(w.old))
    for key, c in entries(w.new.status.size):
        limit = c.size.limits.memory
        grew = limit is not None and old.get(key) != c.size
        if grew and limit is not None and limit > quantity.memory(str(text)):
            return f"{key}: {limit} is above {text}"
    return None


@when_writing("memory is never less than after a kill, unless users or pods that cannot come ask")
def floor_kept(w: Writing) -> str | None:
    """Until the manifest is edited, a size is set by hand, or it is rolled back."""
    old, new = dict(values(w.old)), dict(values(w.new))
    if (
        w.taken_back
        and "crash-loops" in w.new.status.message
        and "OOMKilled" in w.new.status.message
    ):
        fewer = [n for n, had in old.items() if _less(had, new.get(n))]
        return f"rolled back after a kill: {fewer}" if fewer and not _by_hand(w) else None
    acted = w.new.status.reason in (Reason.DOUBLED, Reason.HALVED, Reason.THROTTLED)
    for name, had in old.items() if acted else ():
        has = new.get(name)
        if has is not None and _less(had, has):
            return f"{name}: {had} to {has}"
    return None


def _less(had: Any, has: Any) -> bool:
    """Whether a container that the size gave memory has less of it by now."""
    return (had.limits.memory or 0) > ((has.limits.memory or 0) if has else 0)


def _by_hand(w: Writing) -> bool:
    return any(c.reason is Reason.MANUAL for c in w.new.status.changes if c.resource == "memory")


def _first(w: Writing) -> str:
    return str(w.known["spec"]["template"]["spec"]["containers"][0]["name"]) if w.known else ""


def _limit(pod: dict[str, object], container: str) -> int:
    found = [c for c in pod["spec"]["containers"] if c["name"] == container]  # type: ignore[index]
    return (of_container(found[0], "limits", "memory") or 0) if found else 0
