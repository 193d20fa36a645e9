"""The kubelets: they start pods, report them Ready, end them, and count their usage.

Each has a clock of its own, which may be wrong; all times in its counters and in container statuses
are by that clock.
"""

import hashlib
from dataclasses import dataclass, field

from kube import timestamps
from tests.simulation.apps import App, app_of
from tests.simulation.controllers import Cluster
from tests.simulation.counters import Counters
from tests.simulation.etcd import Event, Json
from tests.simulation.quantities import of_container

_RESTART = 8.0  # seconds before a container that ended is started again, for the first time


@dataclass
class Kubelets:
    """All kubelets of the cluster."""

    cluster: Cluster
    apps: dict[str, App]
    down: set[str] = field(default_factory=set)
    """Nodes whose kubelet does nothing."""
    skew: dict[str, float] = field(default_factory=dict)
    """Seconds by which a node's clock is ahead."""
    unpulled: set[str] = field(default_factory=set)
    """Programs whose image cannot be pulled: their new pods wait for it."""
    endless: set[str] = field(default_factory=set)
    """Programs that do not end."""
    most: int | None = None
    """Millicores that a pod may request; with more it is refused. None: all are let in."""
    counters: Counters = field(default_factory=Counters)
    named: bool = False
    """Whether containers have IDs: only where somebody asks for them."""
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def changed(self, event: Event) -> None:
        """Note a pod that came to a node, is to end, or is gone."""
        if event.kind != "pods":
            return
        pod = event.after
        if pod is None:
            assert event.before is not None
            self.counters.forget(event.before)
            return
        if not pod["spec"].get("nodeName"):
            return
        meta = pod["metadata"]
        uid, app = meta["uid"], self.apps[app_of(pod)]
        chance = self.cluster.chance
        if "deletionTimestamp" in meta:
            if self._first(uid, "end"):
                self.cluster.timeline.after(chance.uniform(*app.end), lambda: self._end(uid, pod))
        elif self._first(uid, "start"):
            self.cluster.timeline.after(chance.uniform(*app.start), lambda: self._start(uid, pod))

    def crash(self, pod: Json, reason: str = "Error") -> None:
        """The first container of a pod ends; it is started again later and later."""
        fresh = self._fresh(pod["metadata"]["uid"], pod)
        if fresh is None or not fresh["status"].get("containerStatuses"):
            return
        containers = fresh["status"]["containerStatuses"]
        times = containers[0]["restartCount"] + 1
        first = {
            **containers[0],
            "ready": False,
            "restartCount": times,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": self._ended(fresh, reason)},
        }
        self.counters.stop(fresh, first["name"])
        self._status(fresh, containerStatuses=[first, *containers[1:]], ready=False)
        uid, pause = pod["metadata"]["uid"], min(60.0, _RESTART * 2.0 ** (times - 1))
        self.cluster.timeline.after(pause, lambda: self._start(uid, pod))

    def restart(self, pod: Json, seconds: float) -> None:
        """Start those of a pod's containers that have ended, after so many seconds."""
        uid = pod["metadata"]["uid"]
        self.cluster.timeline.after(seconds, lambda: self._start(uid, pod))

    def _ended(self, pod: Json, reason: str) -> Json:
        now = self.cluster.timeline.now + self.skew.get(pod["spec"]["nodeName"], 0.0)
        return {"reason": reason, "exitCode": 137, "finishedAt": timestamps.text(now)}

    def changed_mind(self, pod: Json) -> None:
        """A program that never became Ready does so from now on."""
        uid = pod["metadata"]["uid"]
        if pod["spec"].get("nodeName") and "deletionTimestamp" not in pod["metadata"]:
            self.cluster.timeline.after(1.0, lambda: self._ready(uid, pod))

    def lost(self, node: str) -> None:
        """The node has been silent for long: it and its pods count as not Ready."""
        if node in self.down:
            self._node(node, "False")
            for pod in list(self.cluster.all("pods").values()):
                statuses = pod["status"].get("containerStatuses")
                if pod["spec"].get("nodeName") == node and statuses:
                    self._status(pod, containerStatuses=statuses, ready=False)

    def found(self, node: str) -> None:
        """The node is back, and reports its pods' state."""
        self.down.discard(node)
        self._node(node, "True")
        for pod in list(self.cluster.all("pods").values()):
            if pod["spec"].get("nodeName") == node:
                self.changed_mind(pod)

    def _node(self, name: str, ready: str) -> None:
        node = self.cluster.api.etcd.get("nodes", ("", name))
        if node is not None:
            conditions = [{"type": "Ready", "status": ready}]
            self.cluster.api.write({**node, "status": {**node["status"], "conditions": conditions}})

    def _first(self, uid: str, what: str) -> bool:
        if (uid, what) in self._seen:
            return False
        self._seen.add((uid, what))
        return True

    def _fresh(self, uid: str, pod: Json) -> Json | None:
        meta = pod["metadata"]
        found = self.cluster.api.etcd.get("pods", (meta["namespace"], meta["name"]))
        return found if found is not None and found["metadata"]["uid"] == uid else None

    def _start(self, uid: str, pod: Json) -> None:
        fresh = self._fresh(uid, pod)
        if fresh is None or "deletionTimestamp" in fresh["metadata"]:
            return
        node = fresh["spec"]["nodeName"]
        if node in self.down:
            self.cluster.timeline.after(5.0, lambda: self._start(uid, pod))
            return
        if app_of(fresh) in self.unpulled and not fresh["status"].get("containerStatuses"):
            fresh = self._status(fresh, containerStatuses=[_waits(c) for c in _containers(fresh)])
        if app_of(fresh) in self.unpulled and waiting(fresh):
            self.cluster.timeline.after(5.0, lambda: self._start(uid, pod))
            return
        asked, new = most_requested(fresh), not fresh["status"].get("containerStatuses")
        if self.most is not None and new and asked > self.most:
            words = f"Pod was rejected: Node didn't have enough resource: cpu, requested: {asked}"
            status = {"phase": "Failed", "reason": "OutOfcpu", "message": words}
            self.cluster.api.write({**fresh, "status": status})
            return
        app, now = self.apps[app_of(fresh)], self.cluster.timeline.now
        started = now + self.skew.get(node, 0.0)
        known = {c["name"]: c for c in fresh["status"].get("containerStatuses") or ()}
        statuses = [
            self._running(c, known.get(c["name"]), started, uid) for c in _containers(fresh)
        ]
        for status in statuses:
            if known.get(status["name"], {}).get("state") != status["state"]:
                its = status.get("containerID", "").rpartition("/")[2]
                self.counters.start(fresh, status["name"], now, app, its)
        fresh = self._status(fresh, containerStatuses=statuses, ready=False)
        if _too_small(fresh, app):
            self.cluster.timeline.after(1.5, lambda: self.crash(pod, "OOMKilled"))
        elif not app.never_ready:
            pause = self.cluster.chance.uniform(*app.ready)
            self.cluster.timeline.after(pause, lambda: self._ready(uid, pod))

    def _running(self, container: Json, known: Json | None, started: float, uid: str) -> Json:
        if known and "running" in known["state"]:
            return known
        name, times = container["name"], known["restartCount"] if known else 0
        its = hashlib.sha256(f"{uid} {name} {times}".encode()).hexdigest()
        return {
            "name": name,
            "ready": False,
            "restartCount": times,
            **({"containerID": f"containerd://{its}"} if self.named else {}),
            "state": {"running": {"startedAt": timestamps.text(started)}},
            "lastState": known["lastState"] if known else {},
            **({"resources": known["resources"]} if known and "resources" in known else {}),
        }

    def _ready(self, uid: str, pod: Json) -> None:
        fresh = self._fresh(uid, pod)
        if fresh is None or self.apps[app_of(fresh)].never_ready:
            return
        if fresh["spec"]["nodeName"] in self.down:
            self.cluster.timeline.after(5.0, lambda: self._ready(uid, pod))
            return
        containers = fresh["status"].get("containerStatuses") or ()
        if containers and all("running" in c["state"] for c in containers):
            statuses = [{**c, "ready": True} for c in containers]
            self._status(fresh, containerStatuses=statuses, ready=True)

    def _end(self, uid: str, pod: Json) -> None:
        if pod["spec"]["nodeName"] in self.down or app_of(pod) in self.endless:
            self.cluster.timeline.after(5.0, lambda: self._end(uid, pod))
        elif self._fresh(uid, pod) is not None:
            meta = pod["metadata"]
            name, space = meta["name"], meta["namespace"]
            self.cluster.delete("pods", space, name, gracePeriodSeconds=0)

    def _status(self, pod: Json, *, containerStatuses: list[Json], ready: bool = False) -> Json:
        conditions = {c["type"]: c for c in pod["status"].get("conditions") or ()}
        text = "True" if ready else "False"
        if conditions.get("Ready", {}).get("status") != text:
            skew = self.skew.get(pod["spec"]["nodeName"], 0.0)
            since = timestamps.text(self.cluster.timeline.now + skew)
            conditions["Ready"] = {"type": "Ready", "status": text, "lastTransitionTime": since}
        status = {
            **pod["status"],
            "phase": "Running",
            "conditions": list(conditions.values()),
            "containerStatuses": containerStatuses,
        }
        return self.cluster.api.write({**pod, "status": status})


def most_requested(pod: Json) -> int:
    """Millicores that its largest container requests."""
    asked = [of_container(c, "requests", "cpu") or 0 for c in pod["spec"]["containers"]]
    return max(asked, default=0)


def _containers(pod: Json) -> list[Json]:
    found: list[Json] = pod["spec"]["containers"]
    return found


def _waits(container: Json) -> Json:
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    found = {"name": container["name"], "ready": False, "restartCount": 0, "lastState": {}}
    return {**found, "state": {"waiting": waiting}}


def waiting(pod: Json) -> bool:
    """Whether its image was never there."""
    statuses = pod["status"].get("containerStatuses") or ()
    reasons = {s["state"].get("waiting", {}).get("reason") for s in statuses}
    return reasons == {"ImagePullBackOff"}


def _too_small(pod: Json, app: App) -> bool:
    limit = of_container(pod["spec"]["containers"][0], "limits", "memory")
    return limit is not None and limit < app.memory
