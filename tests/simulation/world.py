"""One cluster with everything in it, wired together; what is in it comes from `worlds`."""

import itertools
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from scaler.model import Plan
from scaler.settings import Settings
from tests.simulation import (
    daemonsets,
    deployments,
    disruption,
    endpoints,
    facts,
    preemption,
    replicas,
    scheduling,
    shapes,
    statefulsets,
)
from tests.simulation.admission import PodAdmission
from tests.simulation.agents import Agents
from tests.simulation.apiserver import ApiServer
from tests.simulation.apps import App
from tests.simulation.connection import Call, Connection, WatchConnection
from tests.simulation.controllers import Cluster
from tests.simulation.etcd import Etcd, Event, Json, Key
from tests.simulation.heat import Heat
from tests.simulation.hostility import Hostility
from tests.simulation.kinds import History
from tests.simulation.kubelet_resizes import KubeletResizes
from tests.simulation.kubelets import Kubelets
from tests.simulation.routes import KINDS, OWNERS, path_of
from tests.simulation.served import Served
from tests.simulation.source import Source
from tests.simulation.subject import Subject
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace
from tests.simulation.webhooks import Replica, Webhook

_LOOK = 10.0  # seconds between two looks of a kubelet at its containers


@dataclass
class Counts:
    """What a run held."""

    steps: int = 0
    crashes: int = 0
    replacements: int = 0
    halvings: int = 0


class World:
    """A cluster, the scaler in it, and their observers."""

    def __init__(self, seed: int, settings: Settings) -> None:
        self.source = Source(seed)
        self.settings = settings
        self.timeline = Timeline()
        self.trace = Trace(self.timeline)
        self.etcd = Etcd()
        self.api = ApiServer(self.etcd, lambda: self.timeline.now)
        self.admission = PodAdmission(self.etcd)
        self.api.admission = self.admission
        self.cluster = Cluster(self.api, self.timeline, self.source["controllers"])
        self.cluster.syncs = {
            "replicationcontrollers": replicas.sync,
            "replicasets": replicas.sync,
            "deployments": deployments.sync,
            "statefulsets": statefulsets.sync,
            "daemonsets": daemonsets.sync,
            "poddisruptionbudgets": disruption.sync,
            "pods": scheduling.sync,
            "services": endpoints.sync,
        }
        self.preempted: Callable[[Json, list[Key]], object] = lambda pod, keys: None
        """Called with a pod, and those that go for it."""
        self.cluster.unplaced = self._push_out
        self.apps: dict[str, App] = {}
        self.kubelets = Kubelets(self.cluster, self.apps)
        self.resizes = KubeletResizes(self.kubelets, self.source["kubelets' resizes"])
        self.webhook = Webhook(shapes.RELEASE, self.source["webhook"])
        self.admission.webhooks = [self.webhook]
        self.subjects: list[Subject] = []
        self.kinds = History()
        """Which kind of node each node said it was, and when."""
        self.disk: sqlite3.Connection | None = None
        """Where the scaler keeps its history; None: nowhere."""
        self.served: Served | None = None
        """The server of `scaler.history.url`."""
        self.agents: Agents | None = None
        """The agents of the nodes; None: there are none."""
        self.counts = Counts()
        self.moments: list[Callable[[str, Call], None]] = []
        """Called after each call of a scaler that changed something: written, taken, created."""
        self.judged: Callable[[Subject, Call], Callable[[], None] | None] = lambda s, call: None
        self.cycled: Callable[[Subject, list[Plan]], None] = lambda subject, plans: None
        self.installed = True
        """Whether somebody starts the scaler where none runs."""
        self.hostility = Hostility(wait=self.timeline.pass_)
        self.admission.policies = self.hostility.create
        self.restricted = True
        """Whether the rights policy bounds what the scaler may do to pods."""
        self.ahead = 0.0
        """Seconds by which the scalers' clock is ahead."""
        self.lag: tuple[float, float] = (0.005, 0.3)
        self.gap = 0.05
        """Seconds for which changes are collected before a cycle of the scaler."""
        self.last_write = self.timeline.now
        self.last_pod_change = self.timeline.now
        self.calm = False
        """Set once the perturbations are over."""
        self.calm_since = 0.0
        self.owed: list[Callable[[], object]] = []
        """What perturbations still have to put right."""
        self.perturbed: set[str] = set()
        """The names of the perturbations that have come."""
        self._numbers = itertools.count(1)
        self.etcd.listeners += [self.trace.event, self.cluster.changed, self.kubelets.changed]
        self.etcd.listeners += [self.resizes.changed, self.webhook.changed, self._tell_subjects]
        self.etcd.listeners.append(lambda event: self.kinds.note(event, self.timeline.now))

    @property
    def chance(self) -> Random:
        """For what belongs to no part in particular."""
        return self.source["world"]

    def watched(self) -> None:
        """Every node has an agent, which finds the scaler by itself."""
        self.kubelets.named = True
        heat = Heat(self.source["heat"], self.kubelets.counters.speeds)
        self.agents = Agents(self.kubelets, lambda: self.subject, self.source["agents"], heat)
        self.agents.begin()

    def create(self, plural: str, obj: Json) -> Json:
        """Somebody creates an object."""
        return self.api.create(KINDS[plural], obj["metadata"].get("namespace", ""), obj)

    def person(self, verb: str, plural: str, name: str, body: Json, sub: str = "") -> None:
        """A user changes an object, wherever it is."""
        there = (space for space, known in self.etcd.all(plural) if known == name)
        space = next(there, shapes.NAMESPACE if KINDS[plural].namespaced else "")
        self.trace.add("person", f"{verb} {plural}/{name} {body}")
        self.api.call(verb, path_of(plural, space, name, sub), body, fieldManager="somebody")

    def owners(self) -> list[Json]:
        """Every workload that users created."""
        plurals = [p for kind, p in OWNERS.items() if kind not in ("PodSize", "ConfigMap")]
        found = [o for p in plurals for o in self.etcd.all(p).values()]
        return [o for o in found if not o["metadata"].get("ownerReferences")]

    def pods_of(self, owner: Json) -> list[Json]:
        """The pods of a workload, of any template, terminating ones included."""
        return facts.pods_of(owner, self.etcd.all("pods"), self.etcd.all("replicasets"))

    def add_webhooks(self, count: int) -> None:
        """Replicas of our webhook."""
        for _ in range(count):
            watching = WatchConnection(self.api)
            self.webhook.replicas.append(
                Replica(watching, self.timeline, self.source["webhook watches"])
            )

    def _push_out(self, pod: Json) -> None:
        if gone := preemption.push_out(self.cluster, pod):
            names = " ".join(name for _, name in gone)
            self.trace.add("scheduler", f"{names} go for {pod['metadata']['name']}")
            self.preempted(pod, gone)

    def start_scaler(self) -> Subject:
        """A new process of the scaler."""
        number = next(self._numbers)
        chance = self.source[f"scaler {number}"]
        connection = Connection(self.api, self.timeline, chance, f"scaler-{number}")
        subject = Subject(
            self.settings,
            connection,
            WatchConnection(self.api),
            self.timeline,
            self.kubelets,
            chance,
            lambda s, plans: self.cycled(s, plans),
            self._crashed,
            ahead=self.ahead,
            gap=self.gap,
            disk=self.disk,
            served=self.served,
        )
        for feed in subject.feeds:
            feed.lag = self.lag
        connection.ended = self._ended
        connection.restricted = lambda: self.restricted
        connection.hostile = self.hostility.call
        connection.watched = lambda call: self.judged(subject, call)
        if self.agents:
            self.agents.join(subject)
        self.subjects.append(subject)
        self.trace.add(connection.actor, "starts")
        subject.start()
        return subject

    @property
    def subject(self) -> Subject | None:
        """The scaler that runs, the first where there are two."""
        return next((s for s in self.subjects if not s.dead), None)

    def kill(self, subject: Subject) -> None:
        """Kill a process of the scaler between two cycles."""
        if not subject.dead:
            self.trace.add(subject.connection.actor, "killed")
            subject.stop()
            self._crashed(subject)

    def look_at_usage(self) -> None:
        """The kubelets look at their containers, until the run ends."""
        for _, name in self.etcd.all("nodes"):
            if name not in self.kubelets.down:
                self.kubelets.counters.look(name, self.timeline.now)
        self.timeline.after(_LOOK, self.look_at_usage)

    def _tell_subjects(self, event: Event) -> None:
        if event.kind == "pods":
            self.last_pod_change = self.timeline.now
        for subject in self.subjects:
            if not subject.dead:
                subject.changed(event)

    def _crashed(self, subject: Subject) -> None:
        self.counts.crashes += 1
        self.timeline.after(self.chance.uniform(0.2, 20.0), self.restart)

    def restart(self) -> None:
        """Start a scaler, where one should run and none does."""
        if self.subject is None and self.installed:
            self.start_scaler()

    def _ended(self, call: Call, outcome: str) -> None:
        if call.verb != "GET" or outcome != "ok":
            self.trace.call(call, outcome)
        if not call.writes:
            return
        self.last_write = self.timeline.now if outcome[0].isalpha() else self.last_write
        if outcome != "ok":
            return
        taken = call.where.sub == "eviction" or call.hands_over
        what = "taken" if taken else "written"
        self.counts.replacements += taken
        for moment in list(self.moments):
            moment(what, call)
