"""What happened, line by line: the same seed writes the same lines, byte for byte."""

from tests.simulation.connection import Call
from tests.simulation.etcd import Event, Json
from tests.simulation.timeline import Timeline

_SHOWN = ("phase", "reason", "message")


class Trace:
    """Records as they come, made into text only when read."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lines: list[tuple[float, str, object]] = []

    def add(self, who: str, what: object) -> None:
        """One thing that somebody did."""
        self._lines.append((self._timeline.elapsed, who, what))

    def call(self, call: Call, outcome: str) -> None:
        """A call and how it ended."""
        self.add(call.actor, (call, outcome))

    def event(self, event: Event) -> None:
        """A write by any client."""
        if event.kind not in ("events", "poddisruptionbudgets"):
            self.add("etcd", event)

    def lines(self) -> list[str]:
        """The whole trace, line by line."""
        return [f"{at:9.3f} {who:<10} {_text(what)}" for at, who, what in self._lines]


def _text(what: object) -> str:
    if isinstance(what, Event):
        return _event(what)
    if isinstance(what, tuple):
        call, outcome = what
        return f"{call}: {outcome}"
    return str(what)


def _event(event: Event) -> str:
    obj = event.after or event.before or {}
    line = f"{event.type} {event.kind} {'/'.join(event.key).lstrip('/')} @{event.version}"
    return f"{line} {_summary(event.kind, obj)}".rstrip()


def _summary(kind: str, obj: Json) -> str:
    status = obj.get("status") or {}
    if kind == "podsizes":
        size = status.get("size") or {}
        texts = [f"{name}={status[name]}" for name in _SHOWN if status.get(name)]
        count = (status.get("restarts") or {}).get("count", 0)
        sizes = [
            f"{c['name']}:{c.get('requests')}/{c.get('limits')}"
            for c in size.get("containers") or ()
        ]
        head = f"revision={size.get('revision', 0)} {size.get('apply', '')} restarts={count}"
        return " ".join([head, *sizes, *texts])
    if kind == "pods":
        meta = obj["metadata"]
        stamp = (meta.get("annotations") or {}).get("podtailor.io/size-revision", "-")
        ready = [c["status"] for c in status.get("conditions") or () if c["type"] == "Ready"]
        going = "going" if "deletionTimestamp" in meta else ""
        resources = [c.get("resources") for c in obj["spec"]["containers"]]
        node = obj["spec"].get("nodeName", "-")
        line = f"{meta['uid']} on {node} {status.get('phase')} ready={''.join(ready)} {going}"
        return f"{line} rev={stamp} {resources}"
    if kind in ("replicationcontrollers", "replicasets", "deployments", "statefulsets"):
        return f"replicas={obj['spec'].get('replicas')} {obj['metadata'].get('annotations')}"
    return ""
