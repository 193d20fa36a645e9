"""Leader election by a Lease: at most one process acts, even when a call to the API server hangs.

The client library's own election keeps leading when a call hangs. Here the right to act depends on
time alone: `held` compares our clock with the moment at which the last successful renewal was
*sent*, and a second thread gives the Lease up at two thirds of the duration, whatever call the
first one is stuck in. Other contenders wait a full duration from when they first saw the current
record; since that is after we sent it, they can only start once we have stopped. Every write
carries the resourceVersion that was read; whoever loses the race reads again.
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
from kube.lease_record import Record, Step, next_step, written
from kube.objects import Meta

logger = logging.getLogger(__name__)

CALL_SECONDS = 1.5
"""For the gateway of a Lease: with 3 s to connect, less than half of the ten seconds after which an
unrenewed Lease of 15 s is given up."""
_RETRIES = 4  # attempts within one interval after a failure


class _Lease(msgspec.Struct, frozen=True):
    metadata: Meta
    spec: Record = Record()


_LEASE = msgspec.json.Decoder(_Lease)


def _clock() -> float:
    # Keeps counting while the machine is suspended, where there is such a clock: others run on.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Lease:
    """One contender. Call `run` in a thread of its own; `held` may be called from any thread.

    `identity` must be unique to this process. `duration`: seconds that others wait; `renew`:
    seconds between two renewals. `lost` is called once, with the reason and on a background thread,
    when the Lease ends without `stop` being set: the program must exit at once.
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
        self._lock = threading.Lock()  # for the three fields that decide whether we may act
        self._ended = threading.Event()
        self._leading = False
        self._renewed = -math.inf
        self._record: Record | None = None
        self._observed = -math.inf
        self._missing = False
        self._version = ""  # empty: read before the next write
        self._meta = Meta()  # labels and annotations to keep if the Lease is created again

    def held(self, margin: float = 0.0) -> bool:
        """Whether we may act for the next `margin` seconds: the longest that the action may take.

        Answers at once, from our own clock.
        """
        with self._lock:
            return self._leading and self.clock() < self._renewed + self.duration - margin

    def run(self, stop: threading.Event) -> None:
        """Contend until `stop` is set, then release the Lease; returns early if it was lost.

        Set `stop` only once nothing acts any more: the next holder starts within a second or two.
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
        """One attempt; the seconds until the next."""
        try:
            self._turn()
            return self.renew
        except Exception as e:
            # The edge of this thread: whatever the error, the guard ends an unrenewed Lease.
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
            got = _LEASE.decode(self.gateway.get(self._path))
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
        got = _LEASE.decode(self._send(record))
        self._record, self._version, self._missing = got.spec, got.metadata.resource_version, False
        with self._lock:
            if self._ended.is_set():
                return  # too late: `lost` has been called
            self._leading, self._renewed = True, sent
        if not self.acquired.is_set():
            logger.info("lease acquired", extra={"lease": self.name, "identity": self.identity})
            self.acquired.set()

    def _send(self, record: Record) -> bytes:
        if self._version:
            body = {"metadata": {"resourceVersion": self._version}, "spec": record}
            return self.gateway.patch(self._path, body)
        kept = {"labels": self._meta.labels, "annotations": self._meta.annotations}
        body = {"metadata": {"name": self.name, **kept}, "spec": record}
        return self.gateway.post(kinds.LEASE.path(self.namespace), body)

    def _release(self) -> None:
        with self._lock:
            leading, self._leading = self._leading, False
        if not leading or not self._version or self._record is None:
            return  # not held by us, or not known to be; others wait until it expires
        try:
            self._send(msgspec.structs.replace(self._record, holder_identity=None))
            logger.info("lease released", extra={"lease": self.name})
        except KubeError as e:
            logger.warning("lease not released", extra={"lease": self.name, "error": str(e)})
