"""What must hold of how many pods the scaler replaces, and how soon the next one."""

from math import inf

from kube import timestamps
from tests.simulation import facts
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants import alike, minutes
from tests.simulation.invariants.about import Taking
from tests.simulation.invariants.registry import when_taking
from tests.simulation.invariants.replacing import as_stored, rewritten
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available

_WAIT = 285.0  # seconds, less what rounding and a slow cycle may take


@when_taking("no pod is replaced while another one of its workload is missing, going or not Ready")
def one_in_flight(t: Taking) -> str | None:
    if t.in_need or t.down:
        return None
    wanted = min(facts.wanted(t.owner), facts.wanted(t.known))
    now = inf if t.world.perturbed & CLOCK_STEPS else t.world.timeline.now
    counted = [p for p in t.pods if not facts.lingers(p, now)]
    unavailable = [p for p in counted if not available(p) and not (t.surges and _overloaded(t, p))]
    if unavailable:
        names = ", ".join(p["metadata"]["name"] for p in unavailable)
        return f"{t.name} while {names} was not Ready or going"
    if len(counted) < wanted:
        return f"{t.name} while only {len(counted)} of {wanted} were there"
    return None


@when_taking("no more pods of the cluster are being replaced at a time than is set")
def few_in_flight(t: Taking) -> str | None:
    t.memory.recovered(t.world)
    if t.in_need:
        return None
    mine, seen = facts.podsize_key(t.owner), t.subject.known["pods"]
    informed = "answer_lost" not in t.world.perturbed  # else it may not know of its own eviction
    me = t.subject.connection.actor
    others = [
        "/".join(f.owner)
        for key, f in t.memory.flying.items()
        if key != mine
        and f.owner[-1] not in t.world.kubelets.unpulled
        and t.world.timeline.now - f.at < t.subject.settings.deadline_longest
        and (f.version <= seen or (informed and f.actor == me))
        and (f.actor == me or not _given_up(t, key))
    ]
    most = t.subject.settings.in_flight
    return f"{t.name} while {others} were replaced" if len(others) >= most else None


@when_taking("no more pods of a workload are replaced in an hour than its budget allows")
def restart_budget(t: Taking) -> str | None:
    key = t.podsize.uid if t.podsize else ""
    most = t.subject.settings.restarts_per_hour + len(t.pods)
    counted = t.memory.taken_in[key, timestamps.hour(t.subject.began)]
    if t.in_need:
        return None
    if counted >= most and not t.world.perturbed & CLOCK_STEPS:
        return f"{t.name} beyond {most} in the hour"
    if t.world.perturbed & (CLOCK_STEPS | {"scaled"}):
        return None  # hours of another length, or more pods before
    hour = [at for at in t.memory.taken_at[key] if at > t.world.timeline.now - 3600]
    return f"{t.name} beyond twice {most} in 60 minutes" if len(hour) >= 2 * most else None


@when_taking("no more pods of the cluster are replaced in an hour than its budget allows")
def cluster_budget(t: Taking) -> str | None:
    if t.in_need:
        return None
    hour = timestamps.hour(t.subject.began)
    # What is deleted, or goes with its namespace, takes nothing more.
    going = {n for (_, n), o in t.world.etcd.all("namespaces").items() if _goes(o)}
    owners = (o for o in t.world.owners() if not _goes(o))
    there = {facts.podsize_key(o) for o in owners if o["metadata"]["namespace"] not in going}
    known = t.subject.knows("podsizes").items()
    statuses = [(p.get("status") or {}) for key, p in known if key in there]
    restarts = [s.get("restarts") or {} for s in statuses]
    counted = sum(r["count"] for r in restarts if r.get("hour") == hour)
    most = t.subject.settings.cluster_per_hour
    return f"{t.name} beyond {most} in the cluster's hour" if counted >= most else None


@when_taking("while several workloads fail alike, no pod is replaced but one trial a minute")
def only_trials(t: Taking) -> str | None:
    if t.in_need or t.world.perturbed & CLOCK_STEPS or not alike.failing(t):
        return None
    now, mine, seen = t.world.timeline.now, facts.podsize_key(t.owner), t.subject.known["pods"]
    actor = t.subject.connection.actor
    last = t.memory.trials.get(actor)
    t.memory.trials[actor] = now
    if last is not None and now - last < t.subject.settings.breaker_pause - 15:
        return f"{t.name}, {now - last:.0f} s after the last trial"
    others = [
        key
        for key, f in t.memory.flying.items()
        if key != mine
        and now - f.at < t.subject.settings.deadline_longest
        and f.version <= seen
        and (f.actor == actor or not _given_up(t, key))
    ]
    return f"{t.name} while {others} were replaced" if others else None


@when_taking("after a pod came without its size, nothing more is replaced for five minutes")
def waits_after_a_failure(t: Taking) -> str | None:
    if t.in_need:
        return None  # it serves nobody, and the next replica of the webhook may know better
    if t.podsize is None or t.podsize.status.size is None or t.world.perturbed & CLOCK_STEPS:
        return None
    known, now = t.subject.knows("pods"), t.world.timeline.now
    revision, uids = t.podsize.status.size.revision, {p["metadata"]["uid"] for p in known.values()}
    misses = [m for m in t.memory.missed.get(t.podsize.uid, ()) if m.revision == revision]
    until = timestamps.seconds(t.podsize.status.backoff.until) or 0.0
    for miss in [m for m in misses if m.late and m.pod in uids and now - m.at < _WAIT]:
        waited = any(m.at <= miss.at < until <= now and until - m.at >= _WAIT for m in misses)
        if not waited:  # else it came in the back-off of another, and belongs to that one
            return f"{t.name}, {now - miss.at:.0f} s after {miss.pod} came without {revision}"
    return None


@when_taking("after a trial that somebody rewrote again, no other is replaced for five minutes")
def trials_are_waited_out(t: Taking) -> str | None:
    size = t.podsize.status.size if t.podsize else None
    if t.podsize is None or size is None or t.world.perturbed & CLOCK_STEPS:
        return None
    key, now, known = (t.podsize.uid, size.revision), t.world.timeline.now, t.subject.knows("pods")
    there = frozenset(p["metadata"]["uid"] for p in known.values())
    if not rewritten(t.world, t.pod, size, t.known):
        return None
    last, then = t.memory.tried.get(key, (0.0, there))
    t.memory.tried[key] = (now, there)
    again = [
        p["metadata"]["name"]
        for p in t.pods
        if p["metadata"]["uid"] in there - then and rewritten(t.world, p, size, t.known)
    ]
    return f"{t.name}, {now - last:.0f} s after the last" if again and now - last < _WAIT else None


def _goes(thing: Json) -> bool:
    return "deletionTimestamp" in thing["metadata"]


def _overloaded(t: Taking, pod: Json) -> bool:
    """Whether a pod is not Ready while a container was at its limit for a minute, and would get
    more: a bigger one beside it helps, and nothing is lost by that."""
    size = facts.size_of(t.podsize)
    if "deletionTimestamp" in pod["metadata"] or as_stored(t.world, pod, size):
        return False
    oldest = minutes.OLDEST + t.subject.settings.interval + 30.0
    since, uid = t.world.timeline.now - oldest, pod["metadata"]["uid"]
    found = (t.world.kubelets.counters.current.get((uid, name)) for name in facts.sizes_of(pod))
    return any(c.bursting or minutes.at_limit(c, since, 0.0, c.base) for c in found if c)


def _given_up(t: Taking, key: Key) -> bool:
    """Whether the size was rolled back, or a failure is in back-off: nothing is on its way by that.

    Who took the pod still remembers it; who comes after sees only pods that are not Ready.
    """
    podsize = facts.podsize_of(t.world.etcd.get("podsizes", key))
    if podsize is None:
        return False
    until = timestamps.seconds(podsize.status.backoff.until) or 0.0
    return podsize.status.retreated or until > t.world.timeline.now
