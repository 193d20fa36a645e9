"""What the checks remember: which pods were replaced when, what was ever stored."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kube import timestamps
from store.annotations import PROBE_FOR
from store.model import StoredSize
from store.reasons import Reason
from store.records import Restarts
from tests.simulation import facts
from tests.simulation.connection import Call
from tests.simulation.etcd import Event, Json, Key
from tests.simulation.invariants.replacing import as_stored
from tests.simulation.pods import available
from tests.simulation.routes import OWNERS
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.invariants.about import Taking, Writing
    from tests.simulation.subject import Subject


@dataclass(frozen=True)
class Flight:
    """A pod that is being replaced: whose, who took it, and at which version."""

    kind: str
    owner: Key
    actor: str
    version: int
    victim: str
    before: frozenset[str]
    """The UIDs of the workload's pods as it was taken."""
    at: float = 0.0
    """When, by the true clock."""
    down: bool = False
    """Whether it was down for want of memory."""
    known: int = 0
    """The version of the pods that its cycle began with: room is looked for then."""


@dataclass(frozen=True)
class Miss:
    """A pod that came without its size: which, the revision it should have had, when.

    `late`: the size was in the store for long enough that nobody can mistake the order.
    """

    pod: str
    revision: int
    at: float
    late: bool


@dataclass
class Memory:
    """Of one run; `now` is the true clock."""

    now: Callable[[], float]
    taken_in: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """How many pods were replaced, by the PodSize's UID and the scaler's clock hour."""
    before_write: float | None = None
    """When the scaler's call before the one that writes a status had its effect."""
    claims: dict[str, Restarts] = field(default_factory=dict)
    """What the store said as a pod was last taken, by the PodSize's UID."""
    taken_at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When, by the true clock."""
    flying: dict[Key, Flight] = field(default_factory=dict)
    """Workloads one of whose pods was replaced and that are not complete again."""
    stored: dict[tuple[Key, int], list[StoredSize]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Every size that was ever in the store, by PodSize and revision."""
    first: dict[tuple[str, int], StoredSize] = field(default_factory=dict)
    """What each revision of a PodSize was first, by UID."""
    written: dict[tuple[str, int], float] = field(default_factory=dict)
    """When a PodSize first had that revision."""
    missed: dict[str, list[Miss]] = field(default_factory=lambda: defaultdict(list))
    """Pods that came without their size, by the PodSize's UID."""
    unseen: set[tuple[str, int]] = field(default_factory=set)
    """PodSizes and revisions that were written while some pod was not known yet."""
    found: dict[str, tuple[object, Any]] = field(default_factory=dict)
    """What was last found in the cluster, by what it is, and at which state of it."""
    stuck: dict[str, float] = field(default_factory=dict)
    """Since when a pod has waited for a node only because of our size, by UID."""
    crashing: dict[str, float] = field(default_factory=dict)
    """Since when a pod has crashed only because of our size, by UID."""
    refused: dict[Key, float] = field(default_factory=dict)
    """Since when a stored size, and only that, keeps pods from being let in."""
    unmade: dict[Key, float] = field(default_factory=dict)
    """Since when a policy has kept a workload's pods from coming, only because of our size."""
    rejected: dict[Key, float] = field(default_factory=dict)
    """Since when kubelets have refused a workload's pods, only because of our size."""
    dead_wait: float | None = None
    """Since when somebody has waited for the cluster's limit though fewer are in progress."""
    steps: dict[str, list[tuple[float, str, Reason, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """When which container was halved or doubled to how many millicores, by the PodSize's UID."""
    doubled_at: dict[tuple[str, str | None], float] = field(default_factory=dict)
    """When the last doubling was written by the true clock, by the PodSize's UID and the kind of
    node."""
    bursts: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    """When a container was raised for a burst, by the PodSize's UID and its name."""
    begun: dict[str, float] = field(default_factory=dict)
    """When each process of the scaler was through its first cycle, by the true clock."""
    answered: dict[tuple[str, Key], tuple[int, float]] = field(default_factory=dict)
    """The newest revision that some webhook could give as each scaler last probed it, and when."""

    trials: dict[str, float] = field(default_factory=dict)
    """When each scaler last took a pod while several workloads were failing alike."""

    tried: dict[tuple[str, int], tuple[float, frozenset[str]]] = field(default_factory=dict)
    """When a pod was last taken that somebody had rewritten, by the PodSize's UID and revision, and
    the UIDs of those that were there."""

    def remember(self, event: Event) -> None:
        """Somebody wrote a PodSize."""
        if event.kind == "podsizes" and event.after is not None:
            podsize = facts.podsize_of(event.after)
            if podsize and (size := podsize.status.size):
                self.first.setdefault((podsize.uid, size.revision), size)
                known = self.stored[event.key, size.revision]
                if size not in known:
                    known.append(size)
                self.written.setdefault((podsize.uid, size.revision), self.now())

    def resized(self, writing: "Writing") -> None:
        """The scaler wrote a status: did it double something, and did it know all pods?"""
        size, old = writing.new.status.size, writing.old.status.size
        if size and size.revision != (old.revision if old else 0) and _unheard_of(writing):
            self.unseen.add((writing.new.uid, size.revision))
        for change in writing.fresh(Reason.DOUBLED):
            self.doubled_at[writing.new.uid, change.node_class] = self.now()

    def looked(self, subject: "Subject") -> None:
        """A process of the scaler has come round."""
        self.begun.setdefault(subject.connection.actor, self.now())

    def made(self, world: World, pod: Json) -> None:
        """A pod of somebody was let in; is it without a size that was in the store before?"""
        owner = facts.owner_of(world.etcd, pod)
        podsize = facts.podsize_for(world.etcd, owner)
        size = facts.size_of(podsize)
        if podsize is None or size is None or as_stored(world, pod, size):
            return
        written = self.written.get((podsize.uid, size.revision), world.timeline.now)
        if (facts.revision_of(pod) or 0) < size.revision:
            late = world.timeline.now > written + 3  # seconds that rounded times may hide
            miss = Miss(str(pod["metadata"]["uid"]), size.revision, world.timeline.now, late)
            self.missed[podsize.uid].append(miss)

    def probed(self, world: World, call: Call) -> None:
        """The scaler asks whether the webhook works."""
        workload = call.body["metadata"]["annotations"][PROBE_FOR]
        namespace, _, name = workload.partition("/")
        key = (namespace, name)
        self.answered[call.actor, key] = (best_revision(world, key), world.timeline.now)

    def taken(self, taking: "Taking") -> None:
        """A pod is gone by the scaler's hand."""
        key = facts.podsize_key(taking.owner)
        uid = taking.podsize.uid if taking.podsize else ""
        self.taken_in[uid, timestamps.hour(taking.subject.began)] += 1
        self.taken_at[uid].append(taking.world.timeline.now)
        if taking.podsize:
            self.claims[uid] = taking.podsize.status.restarts
        meta = taking.owner["metadata"]
        name = (meta["namespace"], meta["name"])
        version = taking.world.etcd.version
        actor = taking.subject.connection.actor
        before = frozenset(p["metadata"]["uid"] for p in taking.pods)
        victim = str(taking.pod["metadata"]["uid"])
        kind, now = taking.owner["kind"], taking.world.timeline.now
        known = taking.subject.known.get("pods", version)
        flight = Flight(kind, name, actor, version, victim, before, now, taking.down, known)
        self.flying[key] = flight

    def recovered(self, world: World) -> None:
        """Forget workloads that are whole again, or gone."""
        for key, flight in list(self.flying.items()):
            owner = world.etcd.get(OWNERS[flight.kind], flight.owner)
            sets, pods = world.etcd.all("replicasets"), world.etcd.all("pods")
            mine = facts.pods_of(owner, pods, sets) if owner else []
            now = world.timeline.now
            size = facts.size_of(facts.podsize_for(world.etcd, owner))
            over = owner is None or facts.healthy(owner, mine) or _landed(flight, mine, now)
            if over or _handed_back(flight, mine) or _down_again(world, flight, mine, size):
                del self.flying[key]


def _landed(flight: Flight, pods: list[Json], now: float) -> bool:
    """Whether the replaced pod is gone and a new one is Ready; others may be unhealthy.

    One that lingers holds nobody up, whether another comes in its place or not.
    """
    victims = [p for p in pods if p["metadata"]["uid"] == flight.victim]
    if victims and all(facts.lingers(p, now) for p in victims):
        return all(available(p) for p in pods if not facts.lingers(p, now))
    gone = not victims
    return gone and any(p["metadata"]["uid"] not in flight.before and available(p) for p in pods)


def _handed_back(flight: Flight, pods: list[Json]) -> bool:
    """Whether its owner has the pod that was to be replaced again, and as it was."""
    return any(p["metadata"]["uid"] == flight.victim and available(p) for p in pods)


def _down_again(world: World, flight: Flight, pods: list[Json], size: StoredSize | None) -> bool:
    """Whether all is as before: a pod that was down is replaced by one that came without the size
    and is down as well, so that nothing is on its way."""
    uids = [p["metadata"]["uid"] for p in pods]
    came = [p for p in pods if p["metadata"]["uid"] not in flight.before]
    down = [facts.killed(p) and not available(p) and not as_stored(world, p, size) for p in came]
    return flight.down and flight.victim not in uids and bool(came) and all(down)


def best_revision(world: World, key: Key) -> int:
    """The newest revision that any webhook that is up would give now."""
    up = [r for r in world.webhook.replicas if r.up and r.cache.watch.synced]
    return max((r.revision(key) for r in up), default=-1)


def _unheard_of(writing: "Writing") -> bool:
    listed, owner = writing.subject.knows("pods"), writing.known
    mine = writing.world.pods_of(owner) if owner else []
    uids = {p["metadata"]["uid"] for p in listed.values()}
    return any(p["metadata"]["uid"] not in uids for p in mine)
