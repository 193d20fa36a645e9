"""What must hold whenever the scaler takes a pod."""

from scaler import clock
from store.model import Apply
from tests.simulation import facts, limits, scheduling
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants import alike
from tests.simulation.invariants.about import Taking
from tests.simulation.invariants.memory import best_revision
from tests.simulation.invariants.registry import when_taking
from tests.simulation.invariants.resting import at_rest
from tests.simulation.invariants.undoing import over_quota, refused, replacement
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available

_WAIT = 285.0  # seconds, less what rounding and a slow cycle may take


@when_taking("no pod is taken while another one of its workload is missing, going or not Ready")
def one_in_flight(t: Taking) -> str | None:
    if t.in_need:
        return None
    wanted = min(facts.wanted(t.owner), facts.wanted(t.known))
    sick = [p["metadata"]["name"] for p in t.pods if not available(p)]
    if sick:
        return f"{t.name} while {', '.join(sick)} was not Ready or going"
    if len(t.pods) < wanted:
        return f"{t.name} while only {len(t.pods)} of {wanted} were there"
    return None


@when_taking("no more pods of the cluster are being replaced at a time than is set")
def few_in_flight(t: Taking) -> str | None:
    t.memory.recovered(t.world)
    if t.in_need:
        return None
    mine, seen = facts.podsize_key(t.owner), t.subject.known["pods"]
    told = "answer_lost" not in t.world.perturbed  # else it may not know of its own eviction
    me = t.subject.connection.actor
    others = [
        "/".join(f.owner)
        for key, f in t.memory.flying.items()
        if key != mine
        and (f.version <= seen or (told and f.actor == me))
        and (f.actor == me or not _given_up(t, key))
    ]
    most = t.subject.settings.in_flight
    return f"{t.name} while {others} were replaced" if len(others) >= most else None


@when_taking("no pod is taken that has what the store says: nothing would be gained")
def taken_for_a_purpose(t: Taking) -> str | None:
    size = t.podsize.status.size if t.podsize else None
    if size is None:
        return f"{t.name}, and the store has no size for it"
    if facts.refused_for_class(t.pod, size):
        return f"{t.name}: its QoS class would change, so that the webhook never gives {size}"
    if t.in_need:
        return None
    return f"{t.name} is as the store says" if facts.as_stored(t.pod, size, t.known) else None


@when_taking("no pod is taken unless the webhook was seen to give the size that it is taken for")
def webhook_seen(t: Taking) -> str | None:
    if t.podsize is None or t.podsize.status.size is None:
        return None
    key, needed = facts.podsize_key(t.owner), t.podsize.status.size.revision
    seen, when = t.memory.answered.get((t.subject.connection.actor, key), (-1, 0.0))
    best = max(best_revision(t.world, key), seen if when >= t.subject.true_began else -1)
    return f"{t.name}: revision {needed}, the best was {best}" if best < needed else None


@when_taking("no pod that is not in need is taken unasked: off, observe, initial, paused")
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


@when_taking("the only pod of a workload is not taken unless that was asked for")
def single_replica_waits(t: Taking) -> str | None:
    alone = len(t.pods) <= 1 and facts.wanted(t.owner) <= 1
    asked = facts.annotation(t.known, "single-replica") == "restart"
    kept = asked or t.in_need or t.surges
    return f"{t.name} is the only one" if alone and not kept else None


@when_taking("no pod is taken in the middle of a rollout")
def no_rollout(t: Taking) -> str | None:
    if t.in_need:
        return None
    status = t.known.get("status") or {}
    if status.get("observedGeneration", 0) < t.known["metadata"]["generation"]:
        return f"{t.name}: the newest spec was not taken up"
    owners = {p["metadata"]["ownerReferences"][0]["uid"] for p in t.pods}
    return f"{t.name}: pods of {len(owners)} ReplicaSets" if len(owners) > 1 else None


@when_taking("no pod is taken whose replacement could not come: no room, or refused")
def replacement_can_come(t: Taking) -> str | None:
    if t.podsize is None:
        return None
    made = replacement(t.pod, t.podsize.status.size)
    told = _no_room(t, made, known=True) and _no_room(t, made, known=False)
    if told:
        return told
    for ranges in (t.subject.knows("limitranges"), t.world.etcd.all("limitranges")):
        refusal = refused(made, ranges)
        if refusal is None:
            break
        told = refusal
    else:
        return told
    full = limits.ranged(made, t.world.etcd.all("limitranges"))
    gone = None if t.surges else t.pod
    for states in (t.subject.knows, t.world.etcd.all):
        for pods in (states("pods"), at_rest(t, states("pods"))):
            told = over_quota(gone, full, states("resourcequotas"), pods)
            if told is None:
                return None
    return told


@when_taking("no more pods of a workload are taken in an hour than its budget allows")
def restart_budget(t: Taking) -> str | None:
    key = t.podsize.uid if t.podsize else ""
    most = t.subject.settings.restarts_per_hour + len(t.pods)
    counted = t.memory.taken_in[key, clock.hour(t.subject.began)]
    if t.in_need:
        return None
    if counted >= most and not t.world.perturbed & CLOCK_STEPS:
        return f"{t.name} beyond {most} in the hour"
    if t.world.perturbed & (CLOCK_STEPS | {"scaled"}):
        return None  # hours of another length, or more pods before
    hour = [at for at in t.memory.taken_at[key] if at > t.world.timeline.now - 3600]
    return f"{t.name} beyond twice {most} in 60 minutes" if len(hour) >= 2 * most else None


@when_taking("no more pods of the cluster are taken in an hour than its budget allows")
def cluster_budget(t: Taking) -> str | None:
    if t.in_need:
        return None
    hour = clock.hour(t.subject.began)
    there = {facts.podsize_key(o) for o in t.world.owners()}  # what is deleted takes nothing more
    known = t.subject.knows("podsizes").items()
    statuses = [(p.get("status") or {}) for key, p in known if key in there]
    restarts = [s.get("restarts") or {} for s in statuses]
    counted = sum(r["count"] for r in restarts if r.get("hour") == hour)
    most = t.subject.settings.cluster_per_hour
    return f"{t.name} beyond {most} in the cluster's hour" if counted >= most else None


@when_taking("while several workloads fail alike, nothing is taken but one trial a minute")
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
        if key != mine and f.version <= seen and (f.actor == actor or not _given_up(t, key))
    ]
    return f"{t.name} while {others} were replaced" if others else None


@when_taking("each pod is on record in the store before it is taken")
def on_record(t: Taking) -> str | None:
    if t.podsize is None:
        return f"{t.name}, and its workload has no PodSize"
    restarts = t.podsize.status.restarts
    if not restarts.count or restarts == t.memory.claims.get(t.podsize.uid):
        return f"{t.name}, and the store says only {restarts}"
    return None


@when_taking("after a pod came without its size, nothing more is taken for five minutes")
def waits_after_a_failure(t: Taking) -> str | None:
    if t.in_need:
        return None  # it serves nobody, and the next replica of the webhook may know better
    if t.podsize is None or t.podsize.status.size is None or t.world.perturbed & CLOCK_STEPS:
        return None
    known, now = t.subject.knows("pods"), t.world.timeline.now
    revision, uids = t.podsize.status.size.revision, {p["metadata"]["uid"] for p in known.values()}
    misses = [m for m in t.memory.missed.get(t.podsize.uid, ()) if m.revision == revision]
    until = clock.seconds(t.podsize.status.backoff.until) or 0.0
    for miss in [m for m in misses if m.late and m.pod in uids and now - m.at < _WAIT]:
        waited = any(m.at <= miss.at < until <= now and until - m.at >= _WAIT for m in misses)
        if not waited:  # else it came while another was waited out, and belongs to that one
            return f"{t.name}, {now - miss.at:.0f} s after {miss.pod} came without {revision}"
    return None


@when_taking("after a trial that somebody rewrote again, no other is taken for five minutes")
def trials_are_waited_out(t: Taking) -> str | None:
    size = t.podsize.status.size if t.podsize else None
    if t.podsize is None or size is None or t.world.perturbed & CLOCK_STEPS:
        return None
    key, now, known = (t.podsize.uid, size.revision), t.world.timeline.now, t.subject.knows("pods")
    there = frozenset(p["metadata"]["uid"] for p in known.values())
    if not facts.rewritten(t.pod, size, t.known):
        return None
    last, then = t.memory.tried.get(key, (0.0, there))
    t.memory.tried[key] = (now, there)
    again = [
        p["metadata"]["name"]
        for p in t.pods
        if p["metadata"]["uid"] in there - then and facts.rewritten(p, size, t.known)
    ]
    return f"{t.name}, {now - last:.0f} s after the last" if again and now - last < _WAIT else None


def _given_up(t: Taking, key: Key) -> bool:
    """Whether the size was taken back, or a failure is waited out: nothing is on its way by that.

    Who took the pod still remembers it; who comes after sees only pods that are not Ready.
    """
    podsize = facts.podsize_of(t.world.etcd.get("podsizes", key))
    if podsize is None:
        return False
    until = clock.seconds(podsize.status.backoff.until) or 0.0
    return podsize.status.retreated or until > t.world.timeline.now


def _no_room(t: Taking, made: Json, *, known: bool) -> str | None:
    nodes = t.subject.knows("nodes") if known else t.world.etcd.all("nodes")
    pods = dict(t.subject.knows("pods") if known else t.world.etcd.all("pods"))
    if not t.surges:
        pods.pop((t.pod["metadata"]["namespace"], t.name), None)
    free = scheduling.rooms(nodes, pods)
    if any(scheduling.fits(made, free[n]) for n in scheduling.nodes_for(made, nodes)):
        return None
    return f"{t.name} would fit nowhere: {free}"
