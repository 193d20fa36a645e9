"""A server of time series beside a simulated cluster: what `scaler.history.url` would name.

It has scraped the kubelets as they are, unless it has one of the moods below. Only the connection
to it is replaced: questions, answers and what is made of them are the scaler's own.

| mood        | it                                                                       |
| ----------- | ------------------------------------------------------------------------ |
| `right`     | answers                                                                  |
| `slow`      | does not answer within the time-out                                      |
| `errors`    | answers 503                                                              |
| `odd`       | answers with a page to sign in                                           |
| `empty`     | has scraped nothing                                                      |
| `half`      | holds one of two CPUs' share of each counter                             |
| `tenfold`   | has another unit                                                         |
| `others`    | holds the counters of another cluster's pods with the same names         |
| `mixed`     | has each pod's counter for another pod                                   |
| `later`     | has a clock that is an hour ahead                                        |
| `infinite`  | has values that are no numbers                                           |
"""

import io
import json
import urllib.error
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

from scaler.history import raw
from scaler.history.server import TIMEOUT, Server
from tests.simulation.counters import Counter
from tests.simulation.kubelets import Kubelets
from tests.simulation.timeline import Timeline

SPAN = 120.0
_SCRAPED = 7.0  # seconds after the kubelet has looked
Points = list[tuple[float, str]]


@dataclass(frozen=True)
class Sample:
    """One look of a kubelet at one container."""

    at: float
    cpu: float
    memory: float
    started: float


_WRONG: Mapping[str, Callable[[Sample], Sample]] = {
    "right": lambda s: s,
    "half": lambda s: Sample(s.at, s.cpu / 2, s.memory, s.started),
    "tenfold": lambda s: Sample(s.at, s.cpu * 10, s.memory, s.started),
    "others": lambda s: Sample(s.at, s.cpu + 1000, s.memory, s.started - 3000),
    "later": lambda s: Sample(s.at + 3600, s.cpu, s.memory, s.started),
    "infinite": lambda s: Sample(s.at, float("nan"), float("inf"), s.started),
}
MOODS = ("slow", "errors", "odd", "empty", "mixed", *_WRONG)


class Served(Server):
    """It is asked by each process as it starts; `mood` is one of `MOODS`."""

    def __init__(self, kubelets: Kubelets, timeline: Timeline) -> None:
        super().__init__("http://prometheus", lambda: timeline.now)
        self.kubelets, self.timeline, self.mood = kubelets, timeline, "right"

    def fetched(self, what: str, asked: dict[str, str]) -> bytes:
        """What it answers."""
        if self.mood == "slow":
            self.timeline.pass_(TIMEOUT)
            raise TimeoutError("timed out")
        if self.mood == "errors":
            said = io.BytesIO(b"overloaded")
            raise urllib.error.HTTPError(self.url, 503, "unavailable", Message(), said)
        if self.mood == "odd":
            return b"<html>sign in</html>"
        found = self._series(asked["query"]) if what == "query" else []
        data = {"resultType": "matrix", "result": found}
        return json.dumps({"status": "success", "data": data}).encode()

    def _series(self, query: str) -> list[dict[str, Any]]:
        name = query.partition("{")[0]
        counters = [] if self.mood == "empty" else [*self.kubelets.counters.current.values()]
        holds = counters[1:] + counters[:1] if self.mood == "mixed" else counters
        pairs = zip(counters, holds, strict=True)
        return [self._one(name, of, [*self._samples(of, held)]) for of, held in pairs]

    def _one(self, name: str, of: Counter, samples: list[Sample]) -> dict[str, Any]:
        labels = {"namespace": of.namespace, "pod": of.pod, "container": of.container}
        target = {"job": "kubelet", "instance": of.node}
        if name == raw.SCRAPED:
            return {"metric": target, "values": [(s.at + _SCRAPED, "1") for s in samples]}
        figure = {raw.CPU: "cpu", raw.MEMORY: "memory", raw.STARTED: "started"}[name]
        values = [(s.at, str(getattr(s, figure))) for s in samples]
        return {"metric": {**labels, **target, "id": of.uid}, "values": values}

    def _samples(self, of: Counter, held: Counter) -> Iterable[Sample]:
        """Of a container, as the kubelet's clock has them; of whichever counter it holds."""
        skew, wrong = self.kubelets.skew.get(of.node, 0.0), _WRONG.get(self.mood, _WRONG["right"])
        memory = held.needed + held.app.cache
        for at, used in held.looks:
            if at >= self.timeline.now - SPAN:
                yield wrong(Sample(at + skew, used, memory, of.started + skew))
