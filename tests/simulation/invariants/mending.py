"""What must hold of pods that cannot live with our size: they are replaced in time."""

from collections.abc import Iterator

from kube import timestamps
from store.model import PodSize
from store.reasons import Reason
from tests.simulation import facts, kubelets, limits, scheduling
from tests.simulation.etcd import Json, Key
from tests.simulation.invariants.about import Cycle
from tests.simulation.invariants.registry import each_cycle
from tests.simulation.invariants.replacing import nowhere, over_quota, refused, replacement, sized
from tests.simulation.perturbing import CLOCK_STEPS

_ORDINARY = 60.0
"""The slowest start-up in these worlds, from creation to Ready, where there is room."""
_LONGEST = 600.0
"""Seconds after which any pod is late."""
_MENDING = 20.0
"""Seconds for the calls of one cycle, where answers are slow."""
_DOWN = 150.0
"""Seconds for which an API server may be down here, and those until watches are there again."""
_BLOCKED = (
    *(Reason.BAD_ANNOTATION, Reason.UNSUPPORTED, Reason.OPTED_OUT, Reason.TEMPLATE_CHANGED),
    *(Reason.WEBHOOK_UNVERIFIED, Reason.DISRUPTION_BUDGET, Reason.REFUSED),
)


@each_cycle("no pod waits for a node because of our size for longer than its deadline and a cycle")
def pending_is_repaired(c: Cycle) -> str | None:
    etcd, now = c.world.etcd, c.world.timeline.now
    stuck = c.same(
        "stuck",
        lambda: {p["metadata"]["uid"]: p for p in etcd.all("pods").values() if _stuck(c, p)},
    )
    since = c.memory.stuck
    for uid in [u for u in since if u not in stuck]:
        del since[uid]
    for uid, pod in stuck.items():
        allowed = 3 * max(_ORDINARY, _slowest(c, pod)) + noticed(c)
        if now - since.setdefault(uid, now) > allowed and not c.world.perturbed & CLOCK_STEPS:
            return f"{pod['metadata']['name']} for {now - since[uid]:.0f} s"
    return None


@each_cycle("no pod crash-loops because of our size for longer than two minutes")
def crashes_are_repaired(c: Cycle) -> str | None:
    now, since = c.world.timeline.now, c.memory.crashing
    pods = c.world.etcd.all("pods").values()
    found = c.same("dying", lambda: {p["metadata"]["uid"]: p for p in pods if _dying(c, p)})
    for uid in [u for u in since if u not in found]:
        del since[uid]
    for uid, pod in found.items():
        allowed = 120.0 + noticed(c)
        if now - since.setdefault(uid, now) > allowed:
            return f"{pod['metadata']['name']} for {now - since[uid]:.0f} s"
    return None


@each_cycle("no pod is refused because of our size for longer than two cycles")
def refused_is_repaired(c: Cycle) -> str | None:
    now, since = c.world.timeline.now, c.memory.refused
    ranges = c.world.etcd.all("limitranges")
    found = c.same("refused", lambda: dict(_refused_sizes(c, ranges)) if ranges else {})
    if found and any(c.subject.knows("limitranges").get(k) != r for k, r in ranges.items()):
        found = {}  # no watch has delivered one of them yet
    for key in [k for k in since if k not in found]:
        del since[key]
    for key, refusal in found.items():
        allowed = noticed(c)
        if _held_by(c, key):
            allowed *= 2  # a swap that can be finished is finished first
        if now - since.setdefault(key, now) > allowed:
            return f"{key[1]}: {refusal}, for {now - since[key]:.0f} s"
    return None


def _slowest(c: Cycle, pod: Json) -> float:
    """Seconds that its siblings seem to have taken: one that became Ready again looks slow."""
    etcd = c.world.etcd
    owner = facts.owner_of(etcd, pod)
    mine = c.world.pods_of(owner) if owner else []
    times = [
        (facts.made_at(p), timestamps.seconds(s["lastTransitionTime"]) or 0.0)
        for p in mine
        for s in p["status"].get("conditions") or ()
        if s["type"] == "Ready" and s["status"] == "True"
    ]
    return min(max((ready - made for made, ready in times), default=0.0), _LONGEST / 3)


def _held_by(c: Cycle, key: Key) -> bool:
    podsize = c.world.etcd.get("podsizes", key)
    pods = c.world.etcd.all("pods").values()
    return podsize is not None and any(facts.held(p) == podsize["metadata"]["uid"] for p in pods)


def refused_otherwise(c: Cycle, pod: Json, small: Json) -> bool:
    """Whether not even the manifest's values would be let in."""
    ranges = c.world.etcd.all("limitranges")
    return bool(refused(small, ranges)) or _over_quota(c, pod, small, ranges)


def noticed(c: Cycle) -> float:
    """Seconds in which the scaler must have noticed something and seen to it."""
    if "hostile statuses" in c.world.perturbed:
        return float("inf")  # nothing can be rolled back while no status may be written
    unheard = _DOWN if "api_server_down" in c.world.perturbed else 0.0
    return 2 * c.subject.settings.interval + c.world.lag[1] + _MENDING + unheard


def _stuck(c: Cycle, pod: Json) -> bool:
    """Pending with one of our sizes, while there is room for what it came with."""
    came = facts.came_with(pod)
    if not facts.unplaced(pod) or facts.sizes_of(pod) == came:
        return False
    podsize = podsize_for(c, facts.owner_of(c.world.etcd, pod))
    if podsize is None or podsize.status.reason in _BLOCKED or c.subject.settings.dry_run:
        return False
    etcd, small = c.world.etcd, sized(pod, came)
    ranges = etcd.all("limitranges")
    if refused(small, ranges) or _over_quota(c, pod, small, ranges):
        return False  # nothing that it could go back to would be let in
    return bool(scheduling.fitting(small, etcd.all("nodes"), etcd.all("pods")))


def _dying(c: Cycle, pod: Json) -> bool:
    """Not Ready with too little memory, by our size and not by its manifest."""
    app = c.world.apps[pod["metadata"]["labels"]["app"]]
    had, came = facts.has(pod)["main"], facts.came_with(pod)["main"]
    limits = had.limits.memory, came.limits.memory
    little = limits[0] is not None and limits[0] < app.memory <= (limits[1] or app.memory)
    if not little or not pod["status"].get("containerStatuses") or _silent(c, pod):
        return False
    if kubelets.waiting(pod):
        return False  # it has not crashed: it waits for its image
    ranges, least = c.world.etcd.all("limitranges"), replacement(c.world, pod, None)
    if refused(least, ranges) or _over_quota(c, pod, least, ranges):
        return False  # nothing that it could go back to would be let in
    podsize = podsize_for(c, facts.owner_of(c.world.etcd, pod))
    return podsize is not None and podsize.status.reason not in _BLOCKED


def _silent(c: Cycle, pod: Json) -> bool:
    return pod["spec"].get("nodeName") in c.world.kubelets.down or bool(
        pod["metadata"].get("deletionTimestamp")
    )


def _refused_sizes(c: Cycle, ranges: dict[Key, Json]) -> Iterator[tuple[Key, str]]:
    for owner in c.world.owners():
        podsize = podsize_for(c, owner)
        size = facts.size_of(podsize)
        if podsize is None or size is None or podsize.status.reason in _BLOCKED:
            continue
        pods = c.world.pods_of(owner)
        for pod in [p for p in pods if "deletionTimestamp" not in p["metadata"]]:
            refusal, smaller = (
                refused(replacement(c.world, pod, size), ranges),
                replacement(c.world, pod, None),
            )
            etcd = c.world.etcd
            if (
                refusal
                and not refused(smaller, ranges)
                and not _over_quota(c, pod, smaller, ranges)
                and not nowhere(pod, smaller, etcd.all("nodes"), etcd.all("pods"))
            ):
                yield facts.podsize_key(owner), refusal


def _over_quota(c: Cycle, pod: Json, made: Json, ranges: dict[Key, Json]) -> bool:
    """Then it is the quota that keeps pods from being let in, whatever their size."""
    etcd, full = c.world.etcd, limits.ranged(made, ranges)
    return bool(over_quota(pod, full, etcd.all("resourcequotas"), etcd.all("pods")))


def podsize_for(c: Cycle, owner: Json | None) -> PodSize | None:
    """The PodSize of a workload that is enrolled, and scaled."""
    enrolled = owner is not None and facts.annotation(owner, "mode") not in (None, "off")
    if owner is None or not enrolled or c.subject.settings.dry_run:
        return None
    return facts.podsize_for(c.world.etcd, owner)
