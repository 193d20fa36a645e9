"""What must hold of waits: each has an end, and who serves nobody holds nobody up."""

import re
from itertools import pairwise

from kube import quantity
from store.model import Phase
from store.reasons import Reason
from tests.simulation import facts
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Cycle, Writing
from tests.simulation.invariants.mending import noticed, podsize_for
from tests.simulation.invariants.registry import each_cycle, when_writing
from tests.simulation.invariants.replacing import replacement
from tests.simulation.invariants.writing import earned
from tests.simulation.kubelets import most_requested
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available

_MINUTE = 60.0
_RECENT = 30.0
"""Seconds within which an owner whose pods are refused must have tried again."""
_LATE = re.compile(r"is not Ready after (\d+) s")
_GOING = re.compile(r"(\S+) is still terminating")
_REGRET = 1800.0
_DAY = 86_400.0


@each_cycle("no workload waits for the cluster's limit because of pods that only never end")
def nobody_waits_for_the_dead(c: Cycle) -> str | None:
    waiting = [p for p in c.plans if p.standing.message.startswith("waiting: ")]
    if not waiting or c.world.perturbed & CLOCK_STEPS:
        c.memory.dead_wait = None
        return None
    moving = sum(_moving(c, owner) for owner in c.world.owners())
    if moving >= c.subject.settings.in_flight:
        c.memory.dead_wait = None
        return None
    now = c.world.timeline.now
    since = c.memory.dead_wait = c.memory.dead_wait or now
    if now - since <= noticed(c) / 2:
        return None
    return f"{waiting[0].workload} for {now - since:.0f} s, and only {moving} are in progress"


@each_cycle("no workload waits for a pod of its own that has been going for more than a minute")
def nobody_waits_for_its_own_dead(c: Cycle) -> str | None:
    if c.world.perturbed & CLOCK_STEPS:
        return None
    since = c.world.timeline.now - noticed(c)
    for plan in c.plans:
        going = _GOING.match(plan.standing.message)
        if going is None or plan.standing.phase is not Phase.APPLYING:
            continue
        pod = c.world.etcd.get("pods", (plan.workload.namespace, going[1]))
        if pod is not None and facts.lingers(pod, since):
            return f"{plan.workload}: {plan.standing.message}"
    return None


@each_cycle("no workload is without its pods for longer than a minute as kubelets refuse our size")
def rejected_is_mended(c: Cycle) -> str | None:
    now, since = c.world.timeline.now, c.memory.rejected
    found = set(_rejected(c)) if c.world.kubelets.most is not None else set()
    for key in [k for k in since if k not in found]:
        del since[key]
    for key in found:
        if now - since.setdefault(key, now) > _MINUTE + noticed(c) / 2:
            return f"{key[1]}, for {now - since[key]:.0f} s"
    return None


@when_writing("no size is rolled back as a start-up takes what it has always taken")
def slow_is_not_broken(w: Writing) -> str | None:
    app = w.world.apps.get(w.new.workload.name)
    late = _LATE.search(w.new.status.message)
    if app is None or not app.slow or late is None or w.world.perturbed & CLOCK_STEPS:
        return None
    killed = any(c.reason is Reason.OOM_KILLED for c in w.new.status.changes)
    if killed or w.new.workload.name in w.world.kubelets.unpulled:
        return None  # no pod of it was ever Ready, or it waits for something else
    if _unknown(w, float(late[1])):
        return None
    back = w.new.status.retreated and not w.old.status.retreated
    failed = w.new.status.backoff.failures > w.old.status.backoff.failures
    usual = (back or failed) and int(late[1]) < 1.5 * app.ready[1]
    return f"{w.new.name}: {w.new.status.message}" if usual else None


def _unknown(w: Writing, late: float) -> bool:
    """Whether it has one pod alone, which this process of the scaler has never seen Ready."""
    alone = w.known is not None and facts.wanted(w.known) <= 1
    now = w.world.timeline.now
    return alone and now - late < w.memory.begun.get(w.subject.connection.actor, now)


_RAISES = (Reason.DOUBLED, Reason.THROTTLED)


@when_writing("what had to be raised again soon after a halving is not halved to again for a day")
def halving_not_regretted(w: Writing) -> str | None:
    log, now = w.memory.steps[w.new.uid], w.world.timeline.now
    found = None
    for halved in w.fresh(Reason.HALVED):
        mine = [s for s in log if s[1] == halved.container]
        after = quantity.cpu(halved.after or "0")
        for down, up in pairwise(mine):
            soon = up[0] - down[0] <= _REGRET - 30 and now - up[0] < _DAY
            undone = down[2] is Reason.HALVED and up[2] in _RAISES
            if undone and soon and after < up[3]:
                found = f"{w.new.name}: {halved}, though raised to {up[3]}m {now - up[0]:.0f} s ago"
    for change in (c for r in (Reason.HALVED, *_RAISES) for c in w.fresh(r)):
        value = quantity.cpu(change.after or "0")
        log.append((now, change.container, change.reason, value))
    return None if w.world.perturbed & CLOCK_STEPS else found


@when_writing("what burns CPU at each start, as its status says, is not doubled for a start")
def start_ups_left_out(w: Writing) -> str | None:
    known = {one.name for one in w.old.status.start_ups}
    for change in w.fresh(Reason.DOUBLED):
        if change.container in known and not earned(w, change, warm=True):
            return f"{w.new.name}: {change}, {w.old.status.start_ups}"
    return None


def _moving(c: Cycle, owner: Json) -> bool:
    """Whether a pod of it is missing, starting, or has been going for at most a minute.

    One that is Ready is in progress still, until its minReadySeconds are over.
    """
    now, least = c.world.timeline.now, int(owner["spec"].get("minReadySeconds") or 0)
    mine = c.world.pods_of(owner)
    holder = facts.podsize_for(c.world.etcd, owner)
    held = [p for p in c.world.etcd.all("pods").values() if holder and facts.held(p) == holder.uid]
    if any("deletionTimestamp" in p["metadata"] and not facts.lingers(p, now) for p in held):
        return True
    if any("deletionTimestamp" not in p["metadata"] for p in held):
        return True
    active = [p for p in mine if "deletionTimestamp" not in p["metadata"]]
    dead = sum(facts.lingers(p, now) for p in mine)
    young = any((facts.ready_since(p) or 0.0) + least > now for p in active)
    if young or any(not available(p) for p in active) or len(active) + dead > len(mine):
        return True
    return len(mine) > len(active) + dead or len(active) + dead < facts.wanted(owner)


def _rejected(c: Cycle) -> list[Key]:
    """Workloads that lack a pod which kubelets refuse again and again because of its size."""
    out, now, most = [], c.world.timeline.now, c.world.kubelets.most
    for owner in c.world.owners():
        podsize = podsize_for(c, owner)
        size = facts.size_of(podsize)
        mine = [p for p in c.world.pods_of(owner) if available(p)]
        if podsize is None or size is None or most is None or len(mine) >= facts.wanted(owner):
            continue
        failed = [p for p in _failed(c, owner) if now - facts.made_at(p) < _RECENT]
        if not failed:
            continue
        made, small = replacement(c.world, failed[-1], size), replacement(c.world, failed[-1], None)
        if most_requested(made) > most >= most_requested(small):
            out.append(facts.podsize_key(owner))
    return out


def _failed(c: Cycle, owner: Json) -> list[Json]:
    pods = [p for p in c.world.etcd.all("pods").values() if p["status"].get("phase") == "Failed"]
    return [p for p in pods if facts.owner_of(c.world.etcd, p) == owner]
