"""What the kubelets make of resizes, as seen on Kubernetes 1.37.

| the resize                                        | the kubelet                                  |
| ------------------------------------------------- | -------------------------------------------- |
| fits beside the node's other pods                 | does it within a second, restarts nothing    |
| the same, `resizePolicy` says `RestartContainer`  | ends the container and starts it again       |
| does not fit now                                  | `Deferred`, and tries again                  |
| a memory limit below what is used                 | in progress, ten seconds later `Error`, and  |
|                                                   | tries again                                  |
| of a program in `silent`                          | says nothing                                 |
| of a program in `infeasible`                      | `Infeasible`                                 |
| of a program in `failing`                         | as a limit below what is used                |
"""

from dataclasses import dataclass, field
from random import Random

from tests.simulation import scheduling
from tests.simulation.apps import app_of
from tests.simulation.etcd import Event, Json
from tests.simulation.kubelets import Kubelets
from tests.simulation.quantities import of_container
from tests.simulation.resizing import actual, undone

_KINDS = ("PodResizePending", "PodResizeInProgress")
_AGAIN = 4.0
"""Seconds between two tries (3 minutes on a real one, or as soon as a pod goes)."""
_FAILS = 10.0
"""Seconds for which a limit that cannot be lowered is in progress without a word."""


@dataclass
class KubeletResizes:
    """Of all nodes."""

    kubelets: Kubelets
    chance: Random
    silent: set[str] = field(default_factory=set)
    infeasible: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    _looking: dict[str, int] = field(default_factory=dict)
    """The look at a pod that counts, by UID: a newer resize makes the older one void."""

    def changed(self, event: Event) -> None:
        """Note a pod that was resized."""
        if event.kind != "pods" or event.after is None or event.before is None:
            return
        generations = [p["metadata"].get("generation", 1) for p in (event.before, event.after)]
        if generations[0] != generations[1]:
            self._soon(event.after, self.chance.uniform(0.1, 1.0))

    def _soon(self, pod: Json, seconds: float, since: float | None = None) -> None:
        uid = pod["metadata"]["uid"]
        number = self._looking[uid] = self._looking.get(uid, 0) + 1

        def look() -> None:
            fresh = self._fresh(pod)
            if fresh is not None and self._looking.get(uid) == number:
                self._look(fresh, since)

        self.kubelets.cluster.timeline.after(seconds, look)

    def _fresh(self, pod: Json) -> Json | None:
        meta = pod["metadata"]
        etcd = self.kubelets.cluster.api.etcd
        found = etcd.get("pods", (meta["namespace"], meta["name"]))
        same = found is not None and found["metadata"]["uid"] == meta["uid"]
        return found if same and found and "deletionTimestamp" not in found["metadata"] else None

    def _look(self, pod: Json, since: float | None) -> None:
        """`since`: when it began to fail."""
        app, now = app_of(pod), self.kubelets.cluster.timeline.now
        if not undone(pod):
            self._say(pod)
        elif pod["spec"]["nodeName"] in self.kubelets.down or app in self.silent:
            self._soon(pod, _AGAIN)
        elif app in self.infeasible:
            self._say(pod, "PodResizePending", "Infeasible", "cannot be resized on this node")
            self._soon(pod, _AGAIN)
        elif not self.has_room(pod):
            self._say(pod, "PodResizePending", "Deferred", "Node didn't have enough resource: cpu")
            self._soon(pod, _AGAIN)
        elif app in self.failing or self._below_use(pod):
            since = now if since is None else since
            reason = "Error" if now - since >= _FAILS else ""
            words = "cannot decrease memory limits: below current usage" if reason else ""
            self._say(pod, "PodResizeInProgress", reason, words)
            self._soon(pod, _AGAIN, since)
        else:
            self._carry_out(pod)

    def has_room(self, pod: Json) -> bool:
        """Whether its node has what it asks for beside what the other pods there have."""
        etcd, uid = self.kubelets.cluster.api.etcd, pod["metadata"]["uid"]
        had = {
            key: _as_actual(other)
            for key, other in etcd.all("pods").items()
            if other["metadata"]["uid"] != uid
        }
        room = scheduling.rooms(etcd.all("nodes"), had).get(pod["spec"].get("nodeName", ""))
        return room is not None and scheduling.fits(pod, room)

    def _below_use(self, pod: Json) -> bool:
        first = pod["spec"]["containers"][0]
        limit, had = of_container(first, "limits", "memory"), actual(pod)[first["name"]]
        before = of_container({"resources": had}, "limits", "memory")
        lowered = limit is not None and (before is None or limit < before)
        return lowered and limit is not None and limit < self.kubelets.apps[app_of(pod)].memory

    def _carry_out(self, pod: Json) -> None:
        had = actual(pod)
        spec = {c["name"]: c for c in pod["spec"]["containers"]}
        again = {n for n, c in spec.items() if _restarts(c, had[n])}
        statuses = []
        for status in pod["status"].get("containerStatuses") or ():
            name = status["name"]
            status = {**status, "resources": spec[name].get("resources") or {}}
            if name in again and "running" in status["state"]:
                count = status["restartCount"] + 1
                ended = {"terminated": {"reason": "Completed", "exitCode": 0}}
                status |= {"ready": False, "restartCount": count, "state": ended}
                self.kubelets.counters.stop(pod, name)
            statuses.append(status)
        self.kubelets.counters.resize(pod, self.kubelets.cluster.timeline.now)
        self._say({**pod, "status": {**pod["status"], "containerStatuses": statuses}})
        if again:
            self.kubelets.restart(pod, 1.2)

    def _say(self, pod: Json, kind: str = "", reason: str = "", words: str = "") -> None:
        """The condition about the resize; without `kind`: none."""
        others = [c for c in pod["status"].get("conditions") or () if c["type"] not in _KINDS]
        if kind:
            generation = pod["metadata"]["generation"]
            said = {"type": kind, "status": "True", "observedGeneration": generation}
            others.append({**said, "reason": reason, "message": words})
        status = {**pod["status"], "conditions": others}
        self.kubelets.cluster.api.write({**pod, "status": status})


def _as_actual(pod: Json) -> Json:
    if not undone(pod):
        return pod
    had = actual(pod)
    containers = [{**c, "resources": had[c["name"]]} for c in pod["spec"]["containers"]]
    return {**pod, "spec": {**pod["spec"], "containers": containers}}


def _restarts(container: Json, had: Json) -> bool:
    """Whether its policy wants it started again for what changes."""
    for policy in container.get("resizePolicy") or ():
        if policy["restartPolicy"] != "RestartContainer":
            continue
        resource = policy["resourceName"]
        for part in ("requests", "limits"):
            was = of_container({"resources": had}, part, resource)
            if was != of_container(container, part, resource):
                return True
    return False
