"""What must hold of a size that is rolled back: for a reason, to what once worked, for a while."""

from kube import timestamps
from store.reasons import Reason
from tests.simulation import facts, limits
from tests.simulation.invariants.about import Taking, Writing, values
from tests.simulation.invariants.registry import when_taking, when_writing
from tests.simulation.invariants.replacing import nowhere, over_quota, refused, replacement
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available
from tests.simulation.resizing import not_lowered

_SHORTEST = 58.0
"""Seconds before which no pod is late, less what rounded times hide."""
_CRASHES = 2
_WAIT = 270.0
"""Seconds, less what rounded times hide, and the calls between the decision and the write."""


@when_taking("an unhealthy pod is given its time, or three starts, before it is replaced")
def in_need_for_long(t: Taking) -> str | None:
    if not t.in_need or t.world.perturbed & CLOCK_STEPS:
        return None
    if t.podsize is None or not t.podsize.status.retreated:
        return None
    statuses = t.pod["status"].get("containerStatuses") or ()
    if max((c["restartCount"] for c in statuses), default=0) >= _CRASHES:
        return None
    age = t.world.timeline.now - facts.made_at(t.pod)
    return f"{t.name} after {age:.0f} s" if age < _SHORTEST else None


@when_taking("no healthy pod is replaced because a size was rolled back")
def healthy_ones_stay(t: Taking) -> str | None:
    back = t.podsize is not None and t.podsize.status.retreated
    return f"{t.name} is Ready" if back and available(t.seen) else None


@when_writing("a size goes back to the last good one, or to the manifest's, for new pods only")
def back_to_what_worked(w: Writing) -> str | None:
    if not w.taken_back or w.new.status.size is None:
        return None
    last, kind = w.old.status.last_good, _kind(w)
    good = [(c.name, c.size) for c in last.of_class(kind).containers] if last else []
    now = [(c.name, c.size) for c in w.new.status.size.of_class(kind).containers]
    if w.new.status.size.apply != "new" or not all(v in good for v in now):
        return f"{w.new.name}: {now}, {w.new.status.size.apply}; the last good one was {good}"
    return None


def _kind(w: Writing) -> str | None:
    """The kind of node whose size is rolled back."""
    newest = next(iter(w.new.status.changes), None)
    return newest.node_class if newest and newest.reason is Reason.ROLLED_BACK else None


@when_writing("no size is rolled back that works for every pod")
def back_for_a_reason(w: Writing) -> str | None:
    size = w.old.status.size
    if not w.taken_back or w.known is None or size is None:
        return None
    if _seen_otherwise(w):
        return None
    etcd = w.world.etcd
    for states in (w.subject.knows, etcd.all):
        pods = facts.pods_of(w.known, states("pods"), etcd.all("replicasets"))
        nodes, ranges = states("nodes"), states("limitranges")
        if not pods or any(not available(p) for p in pods):
            return None
        if any(not_lowered(pod) for pod in pods):
            return None
        for pod in pods:
            made = replacement(w.world, pod, size)
            if refused(made, ranges) or nowhere(pod, made, nodes, states("pods")):
                return None
            full = limits.ranged(made, ranges)
            missing = max(0, facts.wanted(w.known) - len(pods))
            there, quotas = states("pods"), states("resourcequotas")
            if missing and over_quota(None, full, quotas, there):
                return None
            coming = {(pod["metadata"]["namespace"], f"missing {n}"): full for n in range(missing)}
            if over_quota(pod, full, quotas, {**there, **coming}):
                return None
    return f"{w.new.name}: {w.new.status.message}"


def _seen_otherwise(w: Writing) -> bool:
    """Whether what keeps the pods away is not to be seen in those that are there."""
    if "hostile creations" in w.world.perturbed:
        return True  # asked by unmade_is_mended, of the world as it is
    if w.world.kubelets.most is not None and "by their kubelet" in w.new.status.message:
        return True  # asked by rejected_is_mended
    # Owners that give no reason: missing for so long is all that can be known.
    return "no other is created" in w.new.status.message


@when_writing("what was rolled back is not tried again for five minutes, unless users edit it")
def rollbacks_back_off(w: Writing) -> str | None:
    old, new = w.old.status, w.new.status
    began = timestamps.seconds(old.changes[0].at) if old.changes else None
    asked = new.reason in (Reason.MANIFEST_CHANGED, Reason.OPTED_OUT)
    edited = old.observed_generation != w.old.generation
    if began is None or asked or edited or w.taken_back or w.world.perturbed & CLOCK_STEPS:
        return None
    seconds = w.world.timeline.now - began
    tried = new.size is not None and values(w.new)  # else the manifest's values are in force
    back = old.retreated and tried and w.resized
    return f"{w.new.name}: {new.reason} after {seconds:.0f} s" if back and seconds < _WAIT else None
