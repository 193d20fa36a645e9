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
| a list older than what we have seen    | list again; the same answer `_INSISTED` times is      |
|                                        | accepted: etcd was restored from a backup             |

After an orderly end (closed, 410) the first new attempt follows at once; any other waits 0.2 s,
doubling to 5 s, with jitter, or as long as the server asks for. A stream that lasted a second
counts as success. Which update may replace which in memory: `kube.held`.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Generic

import msgspec

from kube.errors import Gone, KubeError, NotFound, TooMany, Unreachable
from kube.gateway import Gateway
from kube.held import Held, T, key_of
from kube.objects import Key, Meta
from kube.wire import event_of, pages

logger = logging.getLogger(__name__)

SILENCE = 90.0  # seconds without a sign of life after which a connection counts as dead
_SERVER_TIMEOUT = (50, 70)
"""Seconds after which the server ends a watch, drawn at random each time. Shorter than the silence:
a server whose etcd reports no progress sends no bookmarks for a kind that never changes, and then
the end of the watch is the only sign of life (seen with etcd 3.4)."""
_BACK_OFF = (0.2, 5.0)  # seconds: first and longest wait between attempts
_STEADY = 1.0  # seconds that an attempt must last to count as success
_LONGEST_ASKED = 30.0  # seconds: the longest Retry-After that is respected
RARE = 60.0  # seconds between two checks whether an optional kind exists by now
_INSISTED = 10  # times that an old list must be returned before it is accepted; takes 20 s


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
        self._decode = msgspec.json.Decoder(kind).decode
        self._changed = changed
        self._monotonic = monotonic
        self._silence = silence
        self._optional = optional
        self.absent = False
        """Whether the cluster has no such kind."""
        self._held: Held[T] = Held()
        self._listed = False  # whether a watch can go on from the version that is held
        self._outdated = 0  # lists in a row that were older than what we hold
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
        self._keep(made)
        return made

    def run(self, stop: threading.Event) -> None:
        """List and watch until `stop` is set (which is noticed when the current call returns)."""
        failures = 0
        while not stop.is_set():
            began = self._monotonic()
            error = self._attempt(stop)
            steady = self._monotonic() - began >= _STEADY
            failures = 0 if steady else failures + 1
            stop.wait(RARE if self.absent else _pause(failures, error))

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
            extra={"path": self.path, "error": str(e)[:200]},
            exc_info=None if isinstance(e, KubeError) else e,
        )
        return e.with_traceback(None)  # its frames would keep a complete list in memory

    def _none_there(self) -> bool:
        """Whether this kind is optional: then there are no objects, and it may be added later."""
        if not self._optional:
            return False
        for key in self._held.replace({}, ""):
            self._changed(key)
        self._listed, self._outdated, self.absent = False, 0, True
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
            timeoutSeconds=str(random.randint(*_SERVER_TIMEOUT)),
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
        self._replace(seen, version)

    def _replace(self, seen: dict[Key, T], version: str) -> None:
        if self._held.ahead_of(version) and self._outdated < _INSISTED:
            self._outdated += 1
            raise Unreachable(0, "Stale", "the list is older than what was seen before")
        keys = self._held.replace(seen, version)
        self._listed, self._outdated = bool(version), 0
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
        if made is not None:
            self._keep(made)
        else:
            self._drop(meta)

    def _keep(self, made: T) -> None:
        if self._held.keep(made):
            self._changed(key_of(made.metadata))

    def _drop(self, meta: Meta) -> None:
        if self._held.drop(meta):
            self._changed(key_of(meta))

    def _decoded(self, raw: msgspec.Raw) -> T | None:
        try:
            return self._decode(raw)
        except ValueError as e:  # includes msgspec's errors and invalid UTF-8
            logger.warning("object left out", extra={"path": self.path, "error": str(e)[:200]})
            return None


def _pause(failures: int, error: Exception | None) -> float:
    orderly = error is None or isinstance(error, Gone)
    steps = failures - 1 if orderly else max(failures, 1)
    if steps <= 0:
        return 0.0
    first, longest = _BACK_OFF
    pause = min(first * 2.0 ** min(steps - 1, 10), longest) * random.uniform(0.5, 1.0)
    asked = error.retry_after if isinstance(error, TooMany) else 0.0
    return max(pause, min(asked, _LONGEST_ASKED))
