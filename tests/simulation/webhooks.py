"""The mutating webhooks of the cluster: ours, in several replicas, and those of other tools.

Ours is the real function with a real store cache, fed by a watch that lags: replicas may be at
different versions, unreachable, or silent. Whatever happens, the pod is created (`Ignore`).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import msgspec

from store.cache import Cache
from tests.simulation.connection import WatchConnection
from tests.simulation.etcd import Event, Json
from tests.simulation.feeds import Feed
from tests.simulation.timeline import Timeline
from tests.unit.webhook import jsonpatch
from webhook import answer, review
from webhook.nodes import Nodes

_encode = msgspec.json.encode


class _Nodes(Nodes):
    """The product's, whose watch is polled instead of having a thread."""

    feed: Feed | None = None

    def __init__(self, replica: "Replica") -> None:
        self._replica = replica
        clock = lambda: replica.timeline.now  # noqa: E731
        super().__init__(replica.watching, threading.Event(), clock=clock)

    def _follow(self) -> None:
        of = self._replica
        self.feed = Feed(self.watch, of.watching, of.timeline, of.chance)
        self.feed.plan((0.0, 0.1))
        self.feed.keep_alive(lambda: not of.feed.closed)


@dataclass
class Replica:
    """One process of our webhook."""

    watching: WatchConnection
    timeline: Timeline
    chance: Random
    up: bool = True
    """False: nobody answers, the server goes on without it after its time limit."""

    def __post_init__(self) -> None:
        self.nodes = _Nodes(self)
        self.cache = Cache(
            self.watching,
            changed=lambda key: self.nodes.notice(self.cache.watch.get(key)),
            monotonic=lambda: self.timeline.now,
        )
        self.feed = Feed(self.cache.watch, self.watching, self.timeline, self.chance)
        self.feed.plan((0.0, 0.1))
        self.feed.keep_alive(lambda: not self.feed.closed)

    def revision(self, key: tuple[str, str]) -> int:
        """The revision that it would stamp for a PodSize now; -1 where it knows none."""
        found = self.cache.named(key)
        if found is None:
            return -1
        return found.status.size.revision if found.status.size else 0


@dataclass
class Webhook:
    """All replicas behind their Service."""

    release: str
    chance: Random
    replicas: list[Replica] = field(default_factory=list)
    selected: Callable[[Json], bool] = lambda pod: True
    """Whether the configuration's entries select a pod (somebody may remove them)."""
    patched: Callable[[Json, Json], None] = lambda came, made: None
    """Called with each pod that we answered for: as it came to us, as we leave it."""

    def changed(self, event: Event) -> None:
        """Something was written in the cluster."""
        for replica in self.replicas:
            replica.feed.changed(event)
            if replica.nodes.feed:
                replica.nodes.feed.changed(event)

    def __call__(self, pod: Json, dry_run: bool) -> Json:
        """The pod as one of the replicas leaves it."""
        ready = [r for r in self.replicas if r.cache.watch.synced]
        if not ready or not self.selected(pod):
            return pod
        replica = self.chance.choice(ready)
        if not replica.up:
            return pod
        read = review.read(_encode(_review(pod, dry_run)))
        if not isinstance(read, review.Review):
            raise AssertionError(f"a pod that the webhook cannot read: {read}")
        known = replica.nodes.class_of
        operations = answer.answer(read, replica.cache, self.release, known).operations
        if not operations:
            return pod
        made = jsonpatch.apply(pod, msgspec.to_builtins(operations))
        self.patched(pod, made)
        return made


def _review(pod: Json, dry_run: bool) -> Json:
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": pod["metadata"]["uid"],
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "namespace": pod["metadata"]["namespace"],
            "operation": "CREATE",
            "dryRun": dry_run,
            "object": pod,
        },
    }
