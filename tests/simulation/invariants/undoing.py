"""What must hold of sizes that do not work: taken back in time, for a reason, to what once worked.

What a pod could live with is found out here by the model's own scheduler and LimitRanger.
"""

from collections.abc import Iterator, Mapping

from kube.errors import KubeError
from scaler import clock
from store.codec import size_to_json
from store.injection import inject
from store.model import PodSize, Size, StoredSize
from store.reasons import Reason
from tests.simulation import facts, limits, scheduling
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Cycle, Taking, Writing, values
from tests.simulation.invariants.registry import each_cycle, when_taking, when_writing
from tests.simulation.perturbing import CLOCK_STEPS
from tests.simulation.pods import available

_SHORTEST = 58.0
"""Seconds before which no pod is late, less what rounded times hide."""
_CRASHES = 2
_ORDINARY = 60.0
"""The slowest start-up in these worlds, from creation to Ready, where there is room."""
_LONGEST = 600.0
"""Seconds after which any pod is late."""
_MENDING = 20.0
"""Seconds for the calls of one cycle, where answers are slow."""
_WAIT = 290.0 - _MENDING
"""Seconds, less what rounded times hide, and from the decision to the write."""
_DOWN = 150.0
"""Seconds for which an API server may be down here, and those until watches are there again."""
_BLOCKED = (
    *(Reason.BAD_ANNOTATION, Reason.UNSUPPORTED, Reason.OPTED_OUT, Reason.TEMPLATE_CHANGED),
    *(Reason.WEBHOOK_UNVERIFIED, Reason.DISRUPTION_BUDGET),
)


@when_taking("a pod that is in need is given its time, or three starts, before it is taken")
def in_need_for_long(t: Taking) -> str | None:
    if not t.in_need or t.world.perturbed & CLOCK_STEPS:
        return None
    if t.podsize is None or not t.podsize.status.retreated:
        return None
    told = t.pod["status"].get("containerStatuses") or ()
    if max((c["restartCount"] for c in told), default=0) >= _CRASHES:
        return None
    age = t.world.timeline.now - facts.made_at(t.pod)
    return f"{t.name} after {age:.0f} s" if age < _SHORTEST else None


@when_taking("no healthy pod is taken because a size was taken back")
def healthy_ones_stay(t: Taking) -> str | None:
    back = t.podsize is not None and t.podsize.status.retreated
    return f"{t.name} is Ready" if back and available(t.seen) else None


@when_writing("a size goes back to the last good one, or to the manifest's, for new pods only")
def back_to_what_worked(w: Writing) -> str | None:
    if not w.taken_back or w.new.status.size is None:
        return None
    last = w.old.status.last_good
    good = [(c.name, c.size) for c in last.containers] if last else []
    now = values(w.new)
    if w.new.status.size.apply != "new" or not all(v in good for v in now):
        return f"{w.new.name}: {now}, {w.new.status.size.apply}; the last good one was {good}"
    return None


@when_writing("no size is taken back that works for every pod")
def back_for_a_reason(w: Writing) -> str | None:
    size = w.old.status.size
    if not w.taken_back or w.known is None or size is None:
        return None
    etcd = w.world.etcd
    for states in (w.subject.knows, etcd.all):
        pods = facts.pods_of(w.known, states("pods"), etcd.all("replicasets"))
        nodes, ranges = states("nodes"), states("limitranges")
        if not pods or any(not available(p) for p in pods):
            return None
        for pod in pods:
            made = replacement(pod, size)
            if refused(made, ranges) or _nowhere(pod, made, nodes, states("pods")):
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


@when_writing("what was taken back is not tried again for five minutes, unless people edit it")
def retreats_are_waited_out(w: Writing) -> str | None:
    old, new = w.old.status, w.new.status
    began = clock.seconds(old.changes[0].at) if old.changes else None
    told = new.reason in (Reason.MANIFEST_CHANGED, Reason.OPTED_OUT)
    edited = old.observed_generation != w.old.generation
    if began is None or told or edited or w.taken_back or w.world.perturbed & CLOCK_STEPS:
        return None
    seconds = w.world.timeline.now - began
    tried = new.size is not None and new.size.containers  # else the manifest's values are in force
    back = old.retreated and tried and w.resized
    return f"{w.new.name}: {new.reason} after {seconds:.0f} s" if back and seconds < _WAIT else None


@each_cycle("no pod waits for a node because of our size for longer than its deadline and a cycle")
def pending_is_mended(c: Cycle) -> str | None:
    etcd, now = c.world.etcd, c.world.timeline.now
    stuck = c.same(
        "stuck",
        lambda: {p["metadata"]["uid"]: p for p in etcd.all("pods").values() if _stuck(c, p)},
    )
    since = c.memory.stuck
    for uid in [u for u in since if u not in stuck]:
        del since[uid]
    for uid, pod in stuck.items():
        allowed = 3 * max(_ORDINARY, _slowest(c, pod)) + _noticed(c)
        if now - since.setdefault(uid, now) > allowed and not c.world.perturbed & CLOCK_STEPS:
            return f"{pod['metadata']['name']} for {now - since[uid]:.0f} s"
    return None


def _slowest(c: Cycle, pod: Json) -> float:
    """Seconds that its siblings seem to have taken: one that became Ready again looks slow."""
    etcd = c.world.etcd
    owner = facts.owner_of(etcd, pod)
    mine = facts.pods_of(owner, etcd.all("pods"), etcd.all("replicasets")) if owner else []
    told = [
        (facts.made_at(p), clock.seconds(s["lastTransitionTime"]) or 0.0)
        for p in mine
        for s in p["status"].get("conditions") or ()
        if s["type"] == "Ready" and s["status"] == "True"
    ]
    return min(max((ready - made for made, ready in told), default=0.0), _LONGEST / 3)


@each_cycle("no pod crash-loops because of our size for longer than two minutes")
def crashes_are_mended(c: Cycle) -> str | None:
    now, since = c.world.timeline.now, c.memory.crashing
    pods = c.world.etcd.all("pods").values()
    found = c.same("dying", lambda: {p["metadata"]["uid"]: p for p in pods if _dying(c, p)})
    for uid in [u for u in since if u not in found]:
        del since[uid]
    for uid, pod in found.items():
        allowed = 120.0 + _noticed(c)
        if now - since.setdefault(uid, now) > allowed:
            return f"{pod['metadata']['name']} for {now - since[uid]:.0f} s"
    return None


@each_cycle("no pod is refused because of our size for longer than two cycles")
def refused_is_mended(c: Cycle) -> str | None:
    now, since = c.world.timeline.now, c.memory.refused
    ranges = c.world.etcd.all("limitranges")
    found = c.same("refused", lambda: dict(_refused_sizes(c, ranges)) if ranges else {})
    if found and any(c.subject.knows("limitranges").get(k) != r for k, r in ranges.items()):
        found = {}  # no watch has told of one of them yet
    for key in [k for k in since if k not in found]:
        del since[key]
    for key, told in found.items():
        allowed = _noticed(c)
        if _held_by(c, key):
            allowed *= 2  # a swap that can be finished is finished first
        if now - since.setdefault(key, now) > allowed:
            return f"{key[1]}: {told}, for {now - since[key]:.0f} s"
    return None


def _held_by(c: Cycle, key: Key) -> bool:
    podsize = c.world.etcd.get("podsizes", key)
    pods = c.world.etcd.all("pods").values()
    return podsize is not None and any(facts.held(p) == podsize["metadata"]["uid"] for p in pods)


def _noticed(c: Cycle) -> float:
    """Seconds in which the scaler must have noticed something and seen to it."""
    unheard = _DOWN if "api_server_down" in c.world.perturbed else 0.0
    return 2 * c.subject.settings.interval + c.world.lag[1] + _MENDING + unheard


def replacement(pod: Json, size: StoredSize | None) -> Json:
    """What its owner would make in the place of a pod, after the webhook."""
    return _sized(pod, inject(size, facts.came_with(pod)))


def refused(made: Json, ranges: dict[Key, Json]) -> str | None:
    """Why the LimitRanger would not let the pod in."""
    try:
        full = limits.ranged(made, ranges)
        limits.validate(full)
        limits.check_ranges(full, ranges)
    except KubeError as e:
        return e.message
    return None


def over_quota(
    going: Json | None, made: Json, quotas: Mapping[Key, Json], pods: Mapping[Key, Json]
) -> str | None:
    """Why the namespace has too little left for what is made once a pod (if any) is gone."""
    meta = going["metadata"] if going else {"namespace": "", "name": ""}
    others = {k: p for k, p in pods.items() if k != (meta["namespace"], meta["name"])}
    try:
        limits.check_quotas(made, quotas, others)
    except KubeError as e:
        return e.message
    return None


def _sized(pod: Json, wanted: Mapping[str, Size]) -> Json:
    containers = [
        {**c, "resources": size_to_json(wanted[c["name"]])} for c in pod["spec"]["containers"]
    ]
    spec = {k: v for k, v in pod["spec"].items() if k != "nodeName"}
    return limits.defaulted({**pod, "spec": {**spec, "containers": containers}})


def _nowhere(pod: Json, made: Json, nodes: dict[Key, Json], pods: dict[Key, Json]) -> bool:
    meta = pod["metadata"]
    others = {k: p for k, p in pods.items() if k != (meta["namespace"], meta["name"])}
    free = scheduling.rooms(nodes, others)
    return not any(scheduling.fits(made, free[n]) for n in scheduling.nodes_for(made, nodes))


def _stuck(c: Cycle, pod: Json) -> bool:
    """Pending with a size of ours, while there is room for what it came with."""
    came = facts.came_with(pod)
    if not facts.unplaced(pod) or facts.sizes_of(pod) == came:
        return False
    podsize = _podsize(c, facts.owner_of(c.world.etcd, pod))
    if podsize is None or podsize.status.reason in _BLOCKED or c.subject.settings.dry_run:
        return False
    nodes, small = c.world.etcd.all("nodes"), _sized(pod, came)
    ranges = c.world.etcd.all("limitranges")
    if refused(small, ranges) or _over_quota(c, pod, small, ranges):
        return False  # nothing that it could go back to would be let in
    free = scheduling.rooms(nodes, c.world.etcd.all("pods"))
    return any(scheduling.fits(small, free[n]) for n in scheduling.nodes_for(small, nodes))


def _dying(c: Cycle, pod: Json) -> bool:
    """Not Ready with too little memory, by our size and not by its manifest."""
    app = c.world.apps[pod["metadata"]["labels"]["app"]]
    had, came = facts.sizes_of(pod)["main"], facts.came_with(pod)["main"]
    limits = had.limits.memory, came.limits.memory
    little = limits[0] is not None and limits[0] < app.memory <= (limits[1] or app.memory)
    if not little or not pod["status"].get("containerStatuses") or _silent(c, pod):
        return False
    ranges, least = c.world.etcd.all("limitranges"), replacement(pod, None)
    if refused(least, ranges) or _over_quota(c, pod, least, ranges):
        return False  # nothing that it could go back to would be let in
    podsize = _podsize(c, facts.owner_of(c.world.etcd, pod))
    return podsize is not None and podsize.status.reason not in _BLOCKED


def _silent(c: Cycle, pod: Json) -> bool:
    return pod["spec"].get("nodeName") in c.world.kubelets.down or bool(
        pod["metadata"].get("deletionTimestamp")
    )


def _refused_sizes(c: Cycle, ranges: dict[Key, Json]) -> Iterator[tuple[Key, str]]:
    for owner in c.world.owners():
        podsize = _podsize(c, owner)
        size = podsize.status.size if podsize else None
        if podsize is None or size is None or podsize.status.reason in _BLOCKED:
            continue
        pods = facts.pods_of(owner, c.world.etcd.all("pods"), c.world.etcd.all("replicasets"))
        for pod in [p for p in pods if "deletionTimestamp" not in p["metadata"]]:
            told, smaller = refused(replacement(pod, size), ranges), replacement(pod, None)
            etcd = c.world.etcd
            if (
                told
                and not refused(smaller, ranges)
                and not _over_quota(c, pod, smaller, ranges)
                and not _nowhere(pod, smaller, etcd.all("nodes"), etcd.all("pods"))
            ):
                yield facts.podsize_key(owner), told


def _over_quota(c: Cycle, pod: Json, made: Json, ranges: dict[Key, Json]) -> bool:
    """Then it is the quota that keeps pods from being let in, whatever their size."""
    etcd, full = c.world.etcd, limits.ranged(made, ranges)
    return bool(over_quota(pod, full, etcd.all("resourcequotas"), etcd.all("pods")))


def _podsize(c: Cycle, owner: Json | None) -> PodSize | None:
    enrolled = owner is not None and facts.annotation(owner, "mode") not in (None, "off")
    if owner is None or not enrolled or c.subject.settings.dry_run:
        return None
    return facts.podsize_for(c.world.etcd, owner)
