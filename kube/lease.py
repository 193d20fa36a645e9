"""One process at a time may act: a Lease that cannot split its holder's mind on a hung API server.

The client's own election goes on leading for ever when a call hangs. Here the right to act is a
question of time alone: `held` compares our clock with the moment at which the last successful
renewal was *sent*, and a second thread gives up at two thirds of the duration whatever the first
one is stuck in. Others wait a whole duration from when they first saw the record as it is; since
that is after our sending, they can only begin when we have ended. Every write carries the
resourceVersion that was read; who comes second reads again.
"""

import logging
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from kube import kinds
from kube.errors import KubeError, NotFound
from kube.gateway import Gateway
from kube.objects import Meta
from kube.record import Record, Step, next_step, written

logger = logging.getLogger(__name__)

CALL_SECONDS = 1.5
"""For the gateway that a Lease gets: with 3 s to connect, less than half of the ten seconds after
which an unrenewed Lease of 15 s is given up."""
_RETRIES = 4  # attempts within one interval after a failure


class _Lease(msgspec.Struct, frozen=True):
    metadata: Meta
    spec: Record = Record()


def _clock() -> float:
    # Goes on while the machine sleeps, where there is such a clock: others do not sleep with us.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Lease:
    """One contender. `run` belongs in a thread of its own; `held` is for all threads.

    `identity` must be this process's alone. `duration`: seconds that others wait; `renew`: seconds
    between two renewals. `lost` is called once, with the reason, by a thread of ours, when the
    Lease ended although nobody asked us to stop: the program must exit at once.
    """

    gateway: Gateway
    namespace: str
    name: str
    identity: str
    duration: float = field(default=15.0, kw_only=True)
    renew: float = field(default=3.0, kw_only=True)
    lost: Callable[[str], None] = field(default=lambda reason: None, kw_only=True)
    clock: Callable[[], float] = field(default=_clock, kw_only=True)

    def __post_init__(self) -> None:
        self.acquired = threading.Event()
        self._path = kinds.LEASE.path(self.namespace, self.name)
        self._lock = threading.Lock()  # for the three that decide whether we may act
        self._ended = threading.Event()
        self._leading = False
        self._renewed = -math.inf
        self._record: Record | None = None
        self._observed = -math.inf
        self._missing = False
        self._version = ""  # empty: look before the next write
        self._meta = Meta()  # whose Lease it was: one that is made anew belongs to them still

    def held(self, margin: float = 0.0) -> bool:
        """Whether we may act for `margin` seconds from now: each act asks, with what it may take.

        Answers at once, from our own clock.
        """
        with self._lock:
            return self._leading and self.clock() < self._renewed + self.duration - margin

    def run(self, stop: threading.Event) -> None:
        """Contend until `stop` is set, then give the Lease up; returns early where it was lost.

        Set `stop` only when nothing acts any more: the next holder begins within a second or two.
        """
        threading.Thread(target=self._guard, name="lease-guard", daemon=True).start()
        try:
            while not stop.is_set() and not self._ended.is_set():
                stop.wait(self._attempt() * random.uniform(0.8, 1.2))
            self._release()
        finally:
            self._ended.set()

    def _guard(self) -> None:
        while not self._ended.wait(self.renew / _RETRIES):
            age = self.clock() - self._renewed
            if self._leading and age >= self.duration * 2 / 3:
                self._end(f"not renewed for {age:.1f} s")

    def _end(self, reason: str) -> None:
        with self._lock:
            if not self._leading:
                return
            self._leading = False
            self._ended.set()
        logger.error("lease lost", extra={"lease": self.name, "reason": reason})
        self.lost(reason)

    def _attempt(self) -> float:
        """One turn; the seconds until the next."""
        try:
            self._turn()
            return self.renew
        except Exception as e:
            # The edge of this thread: whatever it is, the guard ends what cannot be renewed.
            expected = isinstance(e, KubeError)
            extra = {"lease": self.name, "error": str(e)[:200]}
            logger.warning("lease not renewed", extra=extra, exc_info=None if expected else e)
            self._version = ""
            return self.renew / _RETRIES

    def _turn(self) -> None:
        if not (self._leading and self._version):
            self._look()
        now = self.clock()
        step = next_step(self._record, self._observed, now, self.identity)
        holder = self._record.holder_identity if self._record else None
        if self._leading and holder not in (None, "", self.identity):
            self._end(f"taken by {holder}")
        elif step is not Step.WAIT:
            self._write(now)

    def _look(self) -> None:
        try:
            got = msgspec.json.decode(self.gateway.get(self._path), type=_Lease)
        except NotFound:
            # Its holder may have renewed it just before it was deleted.
            if not self._missing:
                self._missing, self._observed = True, self.clock()
            self._version = ""
            return
        if got.spec != self._record or self._missing:
            self._record, self._observed, self._missing = got.spec, self.clock(), False
        self._version, self._meta = got.metadata.resource_version, got.metadata

    def _write(self, sent: float) -> None:
        time_of_day = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        record = written(self._record, self.identity, math.ceil(self.duration), time_of_day)
        got = msgspec.json.decode(self._send(record), type=_Lease)
        self._record, self._version, self._missing = got.spec, got.metadata.resource_version, False
        with self._lock:
            if self._ended.is_set():
                return  # too late: we have said that we lost it
            self._leading, self._renewed = True, sent
        if not self.acquired.is_set():
            logger.info("lease acquired", extra={"lease": self.name, "identity": self.identity})
            self.acquired.set()

    def _send(self, record: Record) -> bytes:
        if self._version:
            body = {"metadata": {"resourceVersion": self._version}, "spec": record}
            return self.gateway.patch(self._path, body)
        told = {"labels": self._meta.labels, "annotations": self._meta.annotations}
        body = {"metadata": {"name": self.name, **told}, "spec": record}
        return self.gateway.post(kinds.LEASE.path(self.namespace), body)

    def _release(self) -> None:
        with self._lock:
            leading, self._leading = self._leading, False
        if not leading or not self._version or self._record is None:
            return  # not ours, or not known to be; others wait until it ends
        try:
            self._send(msgspec.structs.replace(self._record, holder_identity=None))
            logger.info("lease released", extra={"lease": self.name})
        except KubeError as e:
            logger.warning("lease not released", extra={"lease": self.name, "error": str(e)})
