"""The objects of one kind in memory, and which update may replace which; no connections here.

Two sources write to it: the watch, in the server's order, and the answers to our own writes, which
may arrive before the watch event for the same change or long after it. The resourceVersion decides.

| update                                               | effect                                  |
| ---------------------------------------------------- | --------------------------------------- |
| an object older than the one held                    | ignored                                 |
| the object that is held, once more                   | ignored: what was worked out from it    |
|                                                      | stays, and nobody is woken              |
| an object that is not held, older than the watch     | ignored: the watch has seen its end     |
| a deletion older than the object held                | ignored: the name was used again        |
| a list                                               | replaces everything; returns what       |
|                                                      | changed                                 |
"""

import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from kube.objects import Key, Meta


class HasMeta(Protocol):
    """Any API object."""

    @property
    def metadata(self) -> Meta:
        """The object's metadata."""
        ...


T = TypeVar("T", bound=HasMeta)
INSISTED = 10  # times that an old list must come before it is believed; takes 20 s


class Held(Generic[T]):
    """Objects by (namespace, name). Safe for use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[Key, T] = {}
        self._frozen: Mapping[Key, T] | None = None
        self._rejected = 0
        self.version = ""
        """The resource version up to which every change is known."""

    def snapshot(self) -> Mapping[Key, T]:
        """All objects now; never changes afterwards."""
        with self._lock:
            if self._frozen is None:
                self._frozen = MappingProxyType(dict(self._objects))
            return self._frozen

    def get(self, key: Key) -> T | None:
        """One object now."""
        with self._lock:
            return self._objects.get(key)

    def advance(self, version: str) -> bool:
        """The watch has reached that version. False, and nothing done, if that is a step back."""
        with self._lock:
            if older(version, self.version):
                return False
            self.version = version
            return True

    def ahead_of(self, version: str) -> bool:
        """Whether we know of a change that a list of that version cannot contain."""
        with self._lock:
            seen = [o.metadata.resource_version for o in self._objects.values()]
            return any(older(version, one) for one in (self.version, *seen))

    def rejects(self, version: str) -> bool:
        """Whether a list of that version is too old to be believed; to be asked once of each list.

        One that insists `INSISTED` times in a row is believed: see `kube.watching`.
        """
        if self._rejected >= INSISTED or not self.ahead_of(version):
            return False
        self._rejected += 1
        return True

    def replace(self, seen: dict[Key, T], version: str) -> list[Key]:
        """Replace everything by a list of that version; the keys that were added, changed, gone."""
        with self._lock:
            before = self._objects
            now = {key: _same(before.get(key), made) for key, made in seen.items()}
            self._objects, self._frozen, self.version = now, None, version
            self._rejected = 0
        return [key for key in before.keys() | now.keys() if before.get(key) is not now.get(key)]

    def keep(self, made: T) -> bool:
        """Add or replace an object. False if we already hold it, or something newer."""
        key, version = key_of(made.metadata), made.metadata.resource_version
        with self._lock:
            held = self._objects.get(key)
            known = held.metadata.resource_version if held is not None else self.version
            if older(version, known) or (held is not None and _same(held, made) is held):
                return False
            self._objects[key], self._frozen = made, None
            return True

    def drop(self, meta: Meta) -> bool:
        """Remove an object. False if we already hold something newer."""
        key = key_of(meta)
        with self._lock:
            held = self._objects.get(key)
            if held is None or older(meta.resource_version, held.metadata.resource_version):
                return False
            del self._objects[key]
            self._frozen = None
            return True


def _same(held: T | None, made: T) -> T:
    """What is held, where that is what has come again; else what has come."""
    if held is None or held.metadata.resource_version != made.metadata.resource_version:
        return made
    return held if held == made else made


def key_of(meta: Meta) -> Key:
    """The key under which an object with that metadata is held."""
    return meta.namespace, meta.name


def older(a: str, b: str) -> bool:
    """True where resource version `a` is known to be older than `b`.

    Versions are comparable as numbers on every server that we support; one that is not a number
    (from an aggregated API, for example) never counts as older.
    """
    return a.isdecimal() and b.isdecimal() and int(a) < int(b)
