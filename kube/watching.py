"""Lists, then watches indefinitely: keeps one kind of object in memory as the API server has it.

Written here because the client library's own loops cannot be used: its raw watch crashes on 410 and
never advances its version, its informer has neither a timeout (a dead peer hangs it) nor a
back-off, and both build models that cost two hundred times the memory.

| what happens                           | what we do                                            |
| -------------------------------------- | ----------------------------------------------------- |
| server closes the stream               | watch again from the last version seen                |
| 410, on the watch or inside it         | list again                                            |
| nothing received for `silence` seconds | the connection is dead: watch again from there        |
| server down                            | watch again from the last version, after a wait       |
| any other error, or a line that is not | list again, after a wait                              |
| an event; events that go back in time  |                                                       |
| one object that cannot be decoded      | logged and dropped; the others are unaffected         |
| 404 for an optional kind               | there are none; looked for again after `RARE`         |
| a list older than what we have seen    | list again; the same answer `INSISTED` times is       |
|                                        | accepted: etcd was restored from a backup             |

A stream that lasted a second counts as success. How long the waits are: `kube.pacing`. Which update
may replace which in memory: `kube.watched_objects`.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Generic

import msgspec

from kube.errors import Gone, KubeError, NotFound, TooMany, Unreachable
from kube.gateway import Gateway
from kube.objects import Key
from kube.pacing import lifetime, pause
from kube.sharing import decoder
from kube.watched_objects import Held, T, key_of
from kube.wire import event_of, pages

logger = logging.getLogger(__name__)

SILENCE = 90.0  # seconds without a sign of life after which a connection counts as dead
_STEADY = 1.0  # seconds that an attempt must last to count as success
RARE = 60.0  # seconds between two checks whether an optional kind exists by now
_SHOWN = 600  # characters of an error in the log: a refusal names the right at its end


class Watch(Generic[T]):
    """Objects of one kind, by (namespace, name).

    Call `run` in a thread of its own; the other methods may be called from any thread.
    """

    def __init__(  # noqa: PLR0913 (all but three have defaults that only tests override)
        self,
        gateway: Gateway,
        path: str,
        kind: type[T],
        *,
        changed: Callable[[Key], None] = lambda key: None,
        monotonic: Callable[[], float] = time.monotonic,
        silence: float = SILENCE,
        optional: bool = False,
    ) -> None:
        """`changed` is called with the key of each object that was added, changed or deleted.

        `optional`: the cluster may lack this kind.
        """
        self.path = path
        self.synced = False
        self._gateway = gateway
        self._decode: Callable[[bytes | msgspec.Raw], T] = decoder(kind)
        self._changed = changed
        self._monotonic = monotonic
        self._silence = silence
        self._optional = optional
        self.absent = False
        """Whether the cluster has no such kind."""
        self._held: Held[T] = Held()
        self._listed = False  # whether a watch can go on from the version that is held
        self._answered = -float("inf")

    def snapshot(self) -> Mapping[Key, T]:
        """All objects now; never changes afterwards."""
        return self._held.snapshot()

    def get(self, key: Key) -> T | None:
        """One object now."""
        return self._held.get(key)

    def age(self) -> float:
        """Seconds since the server last sent anything; inf before that.

        An accepted watch counts: a kind in which nothing changes gives no other sign of life.
        """
        return self._monotonic() - self._answered

    def put(self, raw: bytes) -> T:
        """Store the answer to one of our own writes, so that we never act on an older state."""
        made = self._decode(raw)
        if self._held.keep(made):
            self._changed(key_of(made.metadata))
        return made

    def run(self, stop: threading.Event) -> None:
        """List and watch until `stop` is set (which is noticed when the current call returns)."""
        failures = 0
        while not stop.is_set():
            began = self._monotonic()
            error = self._attempt(stop)
            steady = self._monotonic() - began >= _STEADY
            failures = 0 if steady else failures + 1
            stop.wait(RARE if self.absent else pause(failures, error))

    def _attempt(self, stop: threading.Event) -> Exception | None:
        """One list (if needed) and one watch; the error that ended them (None: an orderly end)."""
        self.absent = False
        try:
            self._follow(stop)
        except Gone as e:
            self._listed = False
            return e
        except NotFound as e:
            return None if self._none_there() else self._broken(e)
        except Exception as e:
            # The edge of this thread: the watch must survive any error.
            return self._broken(e)
        return None

    def _broken(self, e: Exception) -> Exception:
        down = isinstance(e, TooMany) or (isinstance(e, KubeError) and not e.status)
        self._listed = self._listed and down
        logger.warning(
            "watch broken, trying again",
            extra={"path": self.path, "error": str(e)[:_SHOWN]},
            exc_info=None if isinstance(e, KubeError) else e,
        )
        return e.with_traceback(None)  # its frames would keep a complete list in memory

    def _none_there(self) -> bool:
        """Whether this kind is optional: then there are no objects, and it may be added later."""
        if not self._optional:
            return False
        for key in self._held.replace({}, ""):
            self._changed(key)
        self._listed, self.absent = False, True
        self._answered, self.synced = self._monotonic(), True
        return True

    def _follow(self, stop: threading.Event) -> None:
        if not self._listed:
            self._list()
        lines = self._gateway.stream(
            self.path,
            silence=self._silence,
            watch="true",
            allowWatchBookmarks="true",
            resourceVersion=self._held.version,
            timeoutSeconds=str(lifetime()),
        )
        self._answered = self._monotonic()  # accepted: what we hold is what the server has
        with closing(lines):
            for line in lines:
                self._answered = self._monotonic()
                self._take(line)
                if stop.is_set():
                    return
        self._answered = self._monotonic()  # an orderly end is a sign of life

    def _list(self) -> None:
        seen: dict[Key, T] = {}
        version = ""
        for objects, of_page in pages(self._gateway, self.path):
            version = of_page
            decoded = map(self._decoded, objects)
            seen |= {key_of(o.metadata): o for o in decoded if o is not None}
        if self._held.rejects(version):
            raise Unreachable(0, "Stale", "the list is older than what was seen before")
        keys = self._held.replace(seen, version)
        self._listed = bool(version)
        self._answered, self.synced = self._monotonic(), True
        for key in keys:
            self._changed(key)

    def _take(self, line: bytes) -> None:
        kind, meta, raw = event_of(line)
        if not self._held.advance(meta.resource_version):
            raise Gone(410, "Backwards", "the watch went back in time")
        if kind == "BOOKMARK":
            return
        made = self._decoded(raw) if kind != "DELETED" else None
        news = self._held.drop(meta) if made is None else self._held.keep(made)
        if news:
            self._changed(key_of(meta))

    def _decoded(self, raw: msgspec.Raw) -> T | None:
        try:
            return self._decode(raw)
        except ValueError as e:  # includes msgspec's errors and invalid UTF-8
            logger.warning("object left out", extra={"path": self.path, "error": str(e)[:_SHOWN]})
            return None
