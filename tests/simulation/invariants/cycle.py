"""What must hold for each call and each cycle of the scaler."""

import re
from collections import Counter
from math import inf

from scaler.history.server import TIMEOUT
from tests.simulation import facts
from tests.simulation.connection import Call
from tests.simulation.invariants.about import Cycle
from tests.simulation.invariants.registry import each_cycle
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.routes import OWNERS

_OURS = re.compile(
    r"GET .*"
    r"|POST /apis/podtailor\.io/v1alpha1/namespaces/[^/]+/podsizes"
    r"|PATCH /apis/podtailor\.io/v1alpha1/namespaces/[^/]+/podsizes/[^/]+"
    r"|PUT /apis/podtailor\.io/v1alpha1/namespaces/[^/]+/podsizes/[^/]+/status( \(dry run\))?"
    r"|POST /apis/events\.k8s\.io/v1/namespaces/[^/]+/events"
    r"|POST /api/v1/namespaces/[^/]+/pods/[^/]+/eviction"
    r"|PATCH /api/v1/namespaces/[^/]+/pods/[^/]+/resize( \(dry run\))?"
    r"|POST /api/v1/namespaces/podtailor-system/pods \(dry run\)"
    r"|PATCH /api/v1/namespaces/[^/]+/pods/[^/]+( \(dry run\))?"
    r"|DELETE /api/v1/namespaces/[^/]+/pods/[^/]+( \(dry run\))?"
)


def not_ours(call: Call) -> str | None:
    """A call that the scaler has no right to."""
    return (
        None if _OURS.fullmatch(str(call).replace("eviction (dry run)", "eviction")) else str(call)
    )


@each_cycle("each enrolled workload has exactly one plan in each cycle")
def one_verdict_each(c: Cycle) -> str | None:
    counts = Counter(v.workload for v in c.plans)
    twice = [str(w) for w, count in counts.items() if count > 1]
    if twice:
        return f"several verdicts: {twice}"
    if c.subject.cycles % 5:
        return None  # a matter of each moment, and dear to ask
    if not c.plans or c.subject.known.keys() < {*OWNERS.values()} - {"configmaps"}:
        return None
    known = [o for kind in ("ReplicationController", "Deployment") for o in _known(c, kind)]
    for owner in known:
        enrolled = facts.annotation(owner, "mode") in ("auto", "initial", "observe")
        workload = facts.workload_of(owner)
        if enrolled and workload not in counts and not _goes(c, workload.namespace):
            return f"none for {workload}"
    return None


@each_cycle("what a cycle keeps of an earlier one is what it would make from nothing")
def kept_as_from_nothing(c: Cycle) -> str | None:
    return c.subject.loop.differs


@each_cycle("a start waits for the server of the past for two of its time-outs at most")
def begun_without_the_past(c: Cycle) -> str | None:
    waited = c.subject.waited or 0.0
    return f"waited for {waited:.0f} s" if waited > 2 * TIMEOUT else None


@each_cycle("what a process has seen of the store it never sees older again")
def never_back_in_time(c: Cycle) -> str | None:
    if c.subject.watching.behind is not None:
        return None  # a server that insists on its old list is believed in the end
    for key, held in c.subject.observer.store.watch.snapshot().items():
        uid, version = held.metadata.uid, int(held.metadata.resource_version)
        if version < c.subject.seen.get(uid, 0):
            return f"{key} from version {c.subject.seen[uid]} back to {version}"
        c.subject.seen[uid] = version
    return None


@each_cycle("of a workload at most one pod is held at a time that is still waited for")
def one_held(c: Cycle) -> str | None:
    now = inf if c.world.perturbed & CLOCK_STEPS else c.world.timeline.now
    held = ((p, uid) for p in c.world.etcd.all("pods").values() if (uid := facts.held(p)))
    counts = Counter(uid for p, uid in held if not facts.lingers(p, now))
    return next((f"{count} by {uid}" for uid, count in counts.items() if count > 1), None)


def _goes(c: Cycle, namespace: str) -> bool:
    known = c.subject.knows("namespaces").get(("", namespace))
    return known is not None and "deletionTimestamp" in known["metadata"]


def _known(c: Cycle, kind: str) -> list[dict[str, object]]:
    return [*c.subject.knows(OWNERS[kind]).values()]
