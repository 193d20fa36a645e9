"""The sums as metrics, made when Prometheus asks and not each cycle: most cycles nobody looks.

What one cycle saw is summed once, however often it is asked for.

The label is `workload_namespace`: a scrape by the Prometheus operator gives every series of a pod
the label `namespace`, with that of the pod.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from scaler.fleet import sums
from scaler.fleet.sums import Sums
from scaler.page.seen import Seen
from scaler.sizing.evidence import MinuteOf

_LABEL = "workload_namespace"
_UNITS = {"cpu": ("cpu_cores", 1000), "memory": ("memory_bytes", 1)}
"""The unit of each resource in a metric's name, and how many of ours it is."""
_MADE_OF = {"used": "use: CPU in the newest minute, working set", "waste": "request and do not use"}

Row = tuple[str, ...]


class FleetCollector(Collector):
    """Sums over what `seen` returns; `minute_of` by the time of that look, in seconds."""

    def __init__(self, seen: Callable[[], Seen], minute_of: Callable[[float], MinuteOf]) -> None:
        self._seen, self._minute_of = seen, minute_of
        self._lock = threading.Lock()
        self._made: tuple[Seen, list[Metric]] | None = None

    def collect(self) -> Iterable[Metric]:
        """All families; those without a value have no sample."""
        with self._lock:
            seen = self._seen()
            if self._made is None or self._made[0] is not seen:
                found = sums.by_namespace(seen.views, self._minute_of(seen.at))
                self._made = seen, [*_families(sums.bounded(found), seen.at)]
            return self._made[1]

    def describe(self) -> Iterable[Metric]:
        """Nothing: a registry asks while it is put together, before there is a look."""
        return ()


def _families(found: Mapping[str, Sums], now: float) -> Iterator[Metric]:
    for resource, (unit, per) in _UNITS.items():
        for step in ("request", "limit"):
            text = "Sum of what enrolled workloads' containers have (now) and should have (wanted)"
            rows: dict[Row, float] = {
                (name, state): value / per
                for name, one in found.items()
                for state, sized in (("now", one.now), ("wanted", one.wanted))
                if (value := sized.get((step, resource))) is not None
            }
            yield _family(f"podtailor_{step}_{unit}", text, (_LABEL, "state"), rows)
        for what, does in _MADE_OF.items():
            text = f"Sum of what enrolled workloads' containers {does}"
            measured = ((name, getattr(one, what).get(resource)) for name, one in found.items())
            sums_of: dict[Row, float] = {(n,): v / per for n, v in measured if v is not None}
            yield _family(f"podtailor_{what}_{unit}", text, (_LABEL,), sums_of)
    yield from _usage(found, now)


def _usage(found: Mapping[str, Sums], now: float) -> Iterator[Metric]:
    shares: dict[Row, float] = {
        (n,): s.throttled for n, s in found.items() if s.throttled is not None
    }
    text = "Largest share of throttled CFS periods of any container, in its newest minute"
    yield _family("podtailor_throttled_ratio", text, (_LABEL,), shares)
    unknown: dict[Row, float] = {(name,): float(one.unknown) for name, one in found.items()}
    text = "Containers of enrolled workloads of which no whole minute of usage is known"
    yield _family("podtailor_containers_without_usage", text, (_LABEL,), unknown)
    newest = max((one.received for one in found.values()), default=-inf)
    ages: dict[Row, float] = {} if newest == -inf else {(): max(0.0, now - newest)}
    text = "Seconds between the last cycle and the newest usage of any enrolled workload"
    yield _family("podtailor_usage_age_seconds", text, (), ages)


def _family(name: str, text: str, labels: Row, rows: Mapping[Row, float]) -> Metric:
    made: Any = GaugeMetricFamily(name, text, labels=labels)
    for values, value in rows.items():
        made.add_metric(values, value)
    return made  # type: ignore[no-any-return]  # the library's constructor has no types
