"""Objects with versions and their whole history: what the model's API server keeps its state in.

Objects are plain JSON and are never changed in place: every write makes a new one, so that history,
lists at an older version and watch events can share them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import msgspec

Json = dict[str, Any]
Key = tuple[str, str]

_encode = msgspec.json.encode


R = TypeVar("R")


class Stored(dict[str, Any]):
    """An object as it is stored: never changed again, so what is found out about it holds."""


def once(function: Callable[[Json], R]) -> Callable[[Json], R]:
    """`function` of an object, worked out once where that is stored; its answer is shared."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def answer(obj: Json) -> R:
        if type(obj) is not Stored:
            return function(obj)
        known = obj.__dict__
        if name not in known:
            known[name] = function(obj)
        found: R = known[name]
        return found

    return answer


@dataclass(slots=True)
class Event:
    """One write. `before` and `after` None: the object was not, or is not there."""

    version: int
    kind: str
    key: Key
    before: Json | None
    after: Json | None
    raw: bytes

    @property
    def type(self) -> str:
        """As a watch calls it."""
        if self.after is None:
            return "DELETED"
        return "ADDED" if self.before is None else "MODIFIED"

    @property
    def line(self) -> bytes:
        """As a watch sends it."""
        return b'{"type":"' + self.type.encode() + b'","object":' + self.raw + b"}"


class Etcd:
    """All objects by plural and (namespace, name)."""

    def __init__(self) -> None:
        self.version = 1000
        self.compacted = 0
        """Watches cannot begin before this version."""
        self.listeners: list[Callable[[Event], None]] = []
        self._objects: dict[str, dict[Key, Json]] = {}
        self._raw: dict[tuple[str, Key], bytes] = {}
        self._history: dict[str, list[Event]] = {}
        self._dependents: dict[str, dict[tuple[str, Key], None]] = {}

    def all(self, kind: str) -> dict[Key, Json]:
        """Every object of a kind now; not to be changed."""
        return self._objects.setdefault(kind, {})

    def get(self, kind: str, key: Key) -> Json | None:
        """One object now."""
        return self.all(kind).get(key)

    def controlled(self, kind: str, uid: str) -> list[Json]:
        """The objects whose controller has that UID, in the order of their creation."""
        known = self._dependents.get(uid, {})
        return [self._objects[k][key] for k, key in known if k == kind]

    def put(self, kind: str, obj: Json) -> Json:
        """Write an object; the version that it got is in what is returned."""
        self.version += 1
        meta = {**obj["metadata"], "resourceVersion": str(self.version)}
        key = (meta.get("namespace", ""), meta["name"])
        made = Stored(obj, metadata=meta)
        before = self.all(kind).get(key)
        raw = self._raw[kind, key] = _encode(made)
        self._objects[kind][key] = made
        self._index(kind, key, before, made)
        self._tell(Event(self.version, kind, key, before, made, raw))
        return made

    def remove(self, kind: str, key: Key) -> None:
        """Delete an object; its last state has the version of its deletion."""
        self.version += 1
        before = self._objects[kind].pop(key)
        self._raw.pop((kind, key))
        self._index(kind, key, before, None)
        meta = {**before["metadata"], "resourceVersion": str(self.version)}
        raw = _encode({**before, "metadata": meta})
        self._tell(Event(self.version, kind, key, before, None, raw))

    def raw(self, kind: str, key: Key) -> bytes:
        """An object as it goes over the wire."""
        return self._raw[kind, key]

    def since(self, kind: str, version: int) -> list[Event]:
        """The writes after that version, oldest first."""
        history = self._history.get(kind, [])
        first = len(history)
        while first and history[first - 1].version > version:
            first -= 1
        return history[first:]

    def state(self, kind: str, version: int) -> dict[Key, Json]:
        """Every object of a kind as of that version."""
        out = dict(self.all(kind))
        for event in reversed(self.since(kind, version)):
            if event.before is None:
                out.pop(event.key, None)
            else:
                out[event.key] = event.before
        return out

    def _tell(self, event: Event) -> None:
        self._history.setdefault(event.kind, []).append(event)
        for listener in self.listeners:
            listener(event)

    def _index(self, kind: str, key: Key, before: Json | None, after: Json | None) -> None:
        old, new = controller_uid(before), controller_uid(after)
        if old != new and old:
            self._dependents.get(old, {}).pop((kind, key), None)
        if old != new and new:
            self._dependents.setdefault(new, {})[kind, key] = None


def controller_uid(obj: Json | None) -> str:
    """The UID of an object's controller; "" where it has none."""
    for reference in obj["metadata"].get("ownerReferences") or () if obj else ():
        if reference.get("controller"):
            return str(reference["uid"])
    return ""
